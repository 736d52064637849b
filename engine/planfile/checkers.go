package planfile

import (
	"cmp"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

var (
	checkerKeys = []string{"http"}
	httpKeys    = []string{"url", "timeout", "retries", "tokenEnv", "breaker"}
	breakerKeys = []string{"failures", "open"}
)

const (
	maxURL      = 2048 // characters
	maxRetries  = 10
	maxFailures = 1000
)

// asks returns the name of a checker that a step or a service asks, or "" where
// there is none.
func (r *reader) asks(v value) string {
	name := r.name(v, "the name of a checker")
	if name != "" {
		r.asked = append(r.asked, v)
	}
	return name
}

// checkers reads what is declared, and tells what is asked and not declared,
// and what is declared and not asked.
func (r *reader) checkers(v value, file *File) {
	var entries []entry
	if v.there() {
		entries = r.entries(v, "checkers by their names, each with http")
		file.Checkers = make(map[string]HTTPChecker, len(entries))
		if v.kind != kindMapping {
			return // what it was to declare cannot be known
		}
	}
	declared := make([]string, len(entries))
	for i, e := range entries {
		declared[i] = e.name
		o := r.object(e.value, "a checker", checkerKeys)
		r.need(o, "http", "how it is asked")
		file.Checkers[e.name] = r.http(o.get("http"))
	}
	asked := make(map[string]bool, len(r.asked))
	for _, v := range r.asked {
		asked[v.node.text] = true
		if _, ok := file.Checkers[v.node.text]; !ok {
			r.fault(v, v.place, "no checker %s is declared: %s", quoted(v.node.text), declare(v.node.text, declared))
		}
	}
	for _, e := range entries {
		if !asked[e.name] {
			r.fault(e.value, e.named, "nothing asks the checker %s: name it as a step's checker or a service's eligibility, or strike it out", quoted(e.name))
		}
	}
}

// declare says what to do where a checker is not declared.
func declare(name string, declared []string) string {
	const most = 100 // names to compare with
	if near := nearest(name, declared[:min(len(declared), most)]); near != "" {
		return "did you mean " + quoted(near) + "?"
	}
	return "add it below the key checkers"
}

func (r *reader) http(v value) HTTPChecker {
	o := r.object(v, "an HTTP checker", httpKeys)
	r.need(o, "url", "where the checker is asked")
	breaker := r.object(o.get("breaker"), "a breaker", breakerKeys)
	return HTTPChecker{
		URL:             r.url(o.get("url")),
		Timeout:         r.duration(o.get("timeout")),
		Retries:         int(r.count(o.get("retries"), 0, maxRetries)),
		TokenEnv:        r.variable(o.get("tokenEnv")),
		BreakerFailures: int(r.count(breaker.get("failures"), 1, maxFailures)),
		BreakerOpen:     r.duration(breaker.get("open")),
	}
}

// urlForm has the characters that RFC 3986 allows.
var urlForm = regexp.MustCompile(`^https?://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+$`)

// url returns a URL. No message shows it, since it may hold a password.
func (r *reader) url(v value) string {
	const must = "a URL that begins with http:// or https://"
	text := r.text(v, must)
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	switch {
	case len(text) > maxURL:
		r.fault(v, v.place, "url is longer than %d characters: shorten it", maxURL)
	case err != nil || !urlForm.MatchString(text) || !isHost(u):
		r.fault(v, v.place, "url cannot be called: it must be %s, has a host, and only the characters that a URL may have", must)
	case u.User != nil:
		r.fault(v, v.place, "url has a user or a password: strike them out, and put a token into the variable that tokenEnv names")
	case strings.Contains(text, "#"):
		r.fault(v, v.place, `url has a fragment, which no server sees: strike out "#" and what follows it`)
	}
	return text
}

// isHost reports whether a URL names a host, and a port that can be.
func isHost(u *url.URL) bool {
	port, err := strconv.ParseUint(cmp.Or(u.Port(), "1"), 10, 16)
	return u.Hostname() != "" && err == nil && port != 0
}

var variableForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,127}$`)

// variable returns the name of an environment variable. No message shows it,
// since it may be the token itself.
func (r *reader) variable(v value) string {
	const must = "the name of an environment variable, which holds the token: letters, digits and underscores, up to 128"
	name := r.text(v, must)
	if name != "" && !variableForm.MatchString(name) {
		r.fault(v, v.place, "tokenEnv is no such name: it must be %s", must)
	}
	return name
}

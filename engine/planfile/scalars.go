package planfile

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/stepgate/stepgate/steps"
)

func (r *reader) fault(v value, at place, what string, args ...any) {
	r.faults = append(r.faults, Fault{Line: at.line, Column: at.column, Path: v.path, What: fmt.Sprintf(what, args...)})
}

// is reports whether a value is there and of a kind. Where it is there and of
// another, it tells what it must be.
func (r *reader) is(v value, want kind, must string) bool {
	if !v.there() || v.kind == kindBroken {
		return false
	}
	if v.kind == want {
		return true
	}
	is := kindNames[v.kind]
	if v.kind == kindBoolean {
		is = v.node.text
	}
	r.fault(v, v.place, "%s is %s: it must be %s", v.label(), is, must)
	return false
}

// text returns a text, or "" where there is none.
func (r *reader) text(v value, must string) string {
	if !r.is(v, kindText, must) {
		return ""
	}
	if v.node.text == "" {
		r.fault(v, v.place, "%s is empty: it must be %s", v.label(), must)
	}
	return v.node.text
}

var nameForm = regexp.MustCompile(fmt.Sprintf(`^[A-Za-z][A-Za-z0-9_]{0,%d}$`, steps.MaxName-1))

// name returns a name, or "" where there is none.
func (r *reader) name(v value, must string) string {
	name := r.text(v, must)
	if name == "" || !r.isName(v, v.place, name) {
		return ""
	}
	return name
}

func (r *reader) isName(v value, at place, name string) bool {
	ok := nameForm.MatchString(name)
	if !ok {
		r.fault(v, at, "%s is no name: a name has 1 to %d letters, digits or underscores and begins with a letter", quoted(name), steps.MaxName)
	}
	return ok
}

var wholeForm = regexp.MustCompile(`^(0|[1-9][0-9]*)$`)

// count returns a whole number from low to high, or 0 where there is none.
func (r *reader) count(v value, low, high uint64) uint64 {
	must := fmt.Sprintf("a whole number from %d to %d", low, high)
	if !r.is(v, kindNumber, must) {
		return 0
	}
	digits := wholeForm.MatchString(v.node.text)
	if n, err := strconv.ParseUint(v.node.text, 10, 64); digits && err == nil && low <= n && n <= high {
		return n
	}
	if !digits {
		must += ", in decimal digits"
	}
	r.fault(v, v.place, "%s is %s: it must be %s", v.label(), cut(v.node.text), must)
	return 0
}

// flag returns true or false, and false where there is neither.
func (r *reader) flag(v value) bool {
	return r.is(v, kindBoolean, "true or false") && strings.EqualFold(v.node.text, "true")
}

// duration returns a duration, or 0 where there is none.
func (r *reader) duration(v value) time.Duration {
	const must = "a duration: a number with the unit ms, s, m, h or d, such as 10m or 30d"
	if v.there() && v.kind == kindNumber {
		r.fault(v, v.place, "%s is %s, without a unit: it must be %s", v.label(), cut(v.node.text), must)
		return 0
	}
	text := r.text(v, must)
	if text == "" {
		return 0
	}
	d, why := parseDuration(text)
	switch {
	case why != "":
		r.fault(v, v.place, "%s is %s, which is %s: it must be %s", v.label(), quoted(text), why, must)
	case d < time.Millisecond:
		r.fault(v, v.place, "%s is %s: it must be a duration of a millisecond or more", v.label(), quoted(text))
		return 0
	}
	return d
}

// quoted returns a text in quotes, cut where it is long.
func quoted(s string) string { return strconv.Quote(cut(s)) }

// cut returns a text, cut where it is long.
func cut(s string) string {
	const most = 40
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

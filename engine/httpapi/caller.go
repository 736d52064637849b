package httpapi

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/stepgate/stepgate/steps"
)

// Authenticate finds the caller of a request, whose Channel is set afterwards.
// An error is steps.ErrNoToken, or another that the sender may see.
type Authenticate func(r *http.Request) (steps.Caller, error)

// Development takes X-User-ID and X-Device-ID at their word, "dev" where they
// are absent, and gives every right. It serves programs on this machine alone:
// the address that asks is loopback, and so is the host that is asked for, by a
// name that nobody else can own. No web page of another origin is served,
// whatever the method, since a GET may create and reset.
func Development() Authenticate {
	return func(r *http.Request) (steps.Caller, error) {
		if !isLoopback(r.RemoteAddr) || !isLoopback(r.Host) || !isOwnPage(r) {
			return steps.Caller{}, &steps.Error{
				Code:   steps.CodeForbidden,
				Detail: "the development mode serves programs on this machine alone: start the server with a file of tokens",
			}
		}
		user, err := said(r, "X-User-ID")
		if err != nil {
			return steps.Caller{}, err
		}
		device, err := said(r, "X-Device-ID")
		return steps.Caller{User: user, Device: device, Rights: steps.AllRights}, err
	}
}

// said returns the value of a header, "dev" where there is none.
func said(r *http.Request, name string) (string, error) {
	values := r.Header.Values(name)
	switch {
	case len(values) == 0 || len(values) == 1 && values[0] == "":
		return "dev", nil
	case len(values) > 1:
		return "", steps.Invalid(name, "the header stands twice")
	}
	return values[0], steps.CheckText(name, values[0], steps.MaxText)
}

// isOwnPage reports whether a request comes from no web page, or from one that
// this server served. Another port of this machine is another origin.
func isOwnPage(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
	default:
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	page, err := url.Parse(origin)
	return err == nil && page.Host != "" && page.Host == r.Host
}

// isLoopback reports whether a host, with or without a port, is this machine.
func isLoopback(hostPort string) bool {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(hostPort, "["), "]")
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// caller finds the caller of a request.
func (s *server) caller(r *http.Request, channel string) (steps.Caller, error) {
	caller, err := s.opts.Authenticate(r)
	caller.Channel = channel
	return caller, err
}

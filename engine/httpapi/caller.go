package httpapi

import (
	"cmp"
	"net"
	"net/http"
	"net/url"

	"github.com/stepgate/stepgate/steps"
)

// Authenticate finds the caller of a request, whose Channel is set afterwards.
// An error is steps.ErrNoToken, or another that the sender may see.
type Authenticate func(r *http.Request) (steps.Caller, error)

// Development takes X-User-ID and X-Device-ID at their word, "dev" where they
// are absent, and gives every right. It serves this machine alone, and no web
// page of another origin: the address that asks and the host that is asked for
// are both loopback.
func Development() Authenticate {
	return func(r *http.Request) (steps.Caller, error) {
		if !fromThisMachine(r) {
			return steps.Caller{}, &steps.Error{
				Code:   steps.CodeForbidden,
				Detail: "the development mode serves programs on this machine alone: start the server with a file of tokens",
			}
		}
		return steps.Caller{
			User:   cmp.Or(r.Header.Get("X-User-ID"), "dev"),
			Device: cmp.Or(r.Header.Get("X-Device-ID"), "dev"),
			Rights: steps.AllRights,
		}, nil
	}
}

func fromThisMachine(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" {
		u, err := url.Parse(origin)
		if err != nil || !isLoopback(u.Host) {
			return false
		}
	}
	return isLoopback(r.RemoteAddr) && isLoopback(r.Host) && r.Header.Get("Sec-Fetch-Site") != "cross-site"
}

// isLoopback reports whether a host, with or without a port, is this machine.
func isLoopback(hostPort string) bool {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		host = hostPort
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(trimBrackets(host))
	return ip != nil && ip.IsLoopback()
}

func trimBrackets(host string) string {
	if len(host) > 2 && host[0] == '[' && host[len(host)-1] == ']' {
		return host[1 : len(host)-1]
	}
	return host
}

// caller finds the caller of a request.
func (s *server) caller(r *http.Request, channel string) (steps.Caller, error) {
	caller, err := s.opts.Authenticate(r)
	caller.Channel = channel
	return caller, err
}

package httpcheck

import (
	"net"
	"net/http"
	"time"
)

// The connections to a service: enough for a busy engine, and no more however
// slowly the service answers.
const (
	maxConnections = 128
	maxIdle        = 16
	idleFor        = 30 * time.Second
)

// newClient returns a client for one service. It follows no redirect: what is
// asked is for that service alone.
func newClient(timeout time.Duration) *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment,
			// A connection goes on being made when the attempt that wanted it is over.
			DialContext:            (&net.Dialer{Timeout: timeout}).DialContext,
			TLSHandshakeTimeout:    timeout,
			ForceAttemptHTTP2:      true,
			MaxConnsPerHost:        maxConnections,
			MaxIdleConns:           maxIdle,
			MaxIdleConnsPerHost:    maxIdle,
			IdleConnTimeout:        idleFor,
			MaxResponseHeaderBytes: 64 << 10,
		},
	}
}

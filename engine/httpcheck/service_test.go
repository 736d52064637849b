package httpcheck_test

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/stepgate/stepgate/engine/httpcheck"
	"github.com/stepgate/stepgate/steps"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ann is whom the tests ask about.
var ann = steps.Subject{Step: steps.TrustedPhone, User: "ann"}

// service is a real HTTP server that counts what it is asked, and over how many
// connections.
type service struct {
	*httptest.Server
	asked       atomic.Int64
	connections atomic.Int64
}

// serve starts a service that gives these replies, one after the other, the
// last one again and again.
func serve(t *testing.T, replies ...http.HandlerFunc) *service {
	t.Helper()
	s := new(service)
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := int(s.asked.Add(1))
		replies[min(n, len(replies))-1](w, r)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.connections.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// newChecker returns a Checker that leaves nothing behind.
func newChecker(t *testing.T, opts httpcheck.Options) *httpcheck.Checker {
	t.Helper()
	c, err := httpcheck.New(opts)
	require.NoError(t, err)
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// reply answers with a status and a body.
func reply(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

var (
	proven = reply(http.StatusOK, `{"proven":true}`)
	broken = reply(http.StatusInternalServerError, "")
)

// hang answers nothing until the caller goes away.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // a server sees a caller go once it has read all
	<-r.Context().Done()
}

// raw answers with these bytes, whatever they are, and closes the connection.
func raw(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, text)
		_ = conn.Close()
	}
}

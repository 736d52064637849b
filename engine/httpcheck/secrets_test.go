package httpcheck_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine/httpcheck"
	"github.com/stepgate/stepgate/steps"
)

// secret is in everything that is sent and in everything that comes back.
const secret = "s3cret"

// unwrapped returns the texts of an error and of all that it wraps.
func unwrapped(err error) (texts []string) {
	if err == nil {
		return nil
	}
	texts = append(texts, err.Error(), fmt.Sprintf("%+v", err))
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range many.Unwrap() {
			texts = append(texts, unwrapped(err)...)
		}
	}
	return append(texts, unwrapped(errors.Unwrap(err))...)
}

// TestErrorsTellNoSecret: no error holds the token, what was asked or what was
// answered, however the service fails.
func TestErrorsTellNoSecret(t *testing.T) {
	header := func(name, value string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(name, value)
			w.WriteHeader(http.StatusTemporaryRedirect)
		}
	}
	for name, handler := range map[string]http.HandlerFunc{
		"refuses":            reply(http.StatusUnauthorized, secret),
		"fails":              reply(http.StatusInternalServerError, secret),
		"reason phrase":      raw("HTTP/1.1 500 " + secret + "\r\nContent-Length: 0\r\n\r\n"),
		"no HTTP":            raw(secret + "\r\n\r\n"),
		"status":             raw("HTTP/1.1 " + secret + "\r\n\r\n"),
		"header line":        raw("HTTP/1.1 200 OK\r\n" + secret + "\r\n\r\n"),
		"header value":       raw("HTTP/1.1 200 OK\r\nContent-Length: " + secret + "\r\n\r\n"),
		"encoding":           raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + secret + "\r\n\r\n"),
		"chunk":              raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + secret + "\r\n"),
		"breaks":             raw("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + secret),
		"redirect":           header("Location", "http://127.0.0.1:1/"+secret),
		"no redirect":        header("Location", "http://[/"+secret),
		"redirect anywhere":  header("Location", secret+"://"+secret),
		"garbage":            reply(http.StatusOK, secret),
		"member twice":       reply(http.StatusOK, `{"`+secret+`":1,"`+secret+`":2}`),
		"another type":       reply(http.StatusOK, `{"proven":"`+secret+`","eligible":"`+secret+`"}`),
		"time":               reply(http.StatusOK, `{"proven":true,"until":"`+secret+`"}`),
		"reason with a line": reply(http.StatusOK, `{"eligible":false,"reason":"`+secret+`\n"}`),
		"hangs":              hang,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, handler)
			for kind, client := range map[string]*http.Client{
				"own": nil, "another": {Transport: new(http.Transport)},
			} {
				c := newChecker(t, httpcheck.Options{
					URL: s.URL + "/" + secret + "?key=" + secret, Token: secret, Timeout: short, Retries: -1, Client: client,
				})
				_, errCheck := c.Check(t.Context(), steps.Subject{Step: secret, User: secret, Device: secret, VIN: secret})
				_, errEligible := c.Eligible(t.Context(), steps.Association{ID: secret, User: secret, Service: secret, VIN: secret})
				require.Error(t, errors.Join(errCheck, errEligible))
				for _, text := range append(unwrapped(errCheck), unwrapped(errEligible)...) {
					require.NotContains(t, text, secret, kind)
				}
			}
		})
	}
}

// TestErrorsTellNoSecretControl: what net/http says of the same is full of it,
// and what is searched is what an error wraps, too.
func TestErrorsTellNoSecretControl(t *testing.T) {
	s := serve(t, raw(secret+"\r\n\r\n"))
	_, err := http.Get(s.URL) //nolint:bodyclose // there is no answer
	require.ErrorContains(t, err, secret)
	require.Contains(t, unwrapped(errors.Join(hidden{errors.New(secret)}))[4], secret)
}

// hidden is an error that does not show what it wraps.
type hidden struct{ error }

func (h hidden) Error() string { return "hidden" }
func (h hidden) Unwrap() error { return h.error }

func TestCheckerPrintsNoSecret(t *testing.T) {
	c := newChecker(t, httpcheck.Options{URL: "https://host:1/" + secret, Token: secret})
	require.Equal(t, "checker at host:1, checker at host:1", fmt.Sprintf("%v, %+v", c, c))
}

// TestErrorsSayWhatHappened: they have what an operator needs.
func TestErrorsSayWhatHappened(t *testing.T) {
	s := serve(t, broken)
	c := newChecker(t, httpcheck.Options{URL: s.URL, Retries: -1})
	_, err := c.Check(t.Context(), ann)
	require.EqualError(t, err, "checker at "+s.Listener.Addr().String()+": status 500 Internal Server Error")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Check(ctx, ann)
	require.EqualError(t, err, "checker at "+s.Listener.Addr().String()+": context canceled")

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	_, err = newChecker(t, httpcheck.Options{URL: "http://" + listener.Addr().String(), Retries: -1}).Check(t.Context(), ann)
	require.ErrorContains(t, err, "dial tcp "+listener.Addr().String())
	require.ErrorContains(t, err, "connection refused")
}

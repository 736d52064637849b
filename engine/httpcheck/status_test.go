package httpcheck_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine/httpcheck"
)

// TestStatusesThatRefuse: the question is at fault, and asked once.
func TestStatusesThatRefuse(t *testing.T) {
	for status, text := range map[int]string{
		201: "status 201 Created",
		301: "status 301 Moved Permanently",
		400: "status 400 Bad Request",
		401: "status 401 Unauthorized",
		404: "status 404 Not Found",
		499: "status 499",
	} {
		s := serve(t, reply(status, `{"proven":true}`))
		_, err := newChecker(t, httpcheck.Options{URL: s.URL, BreakerFailures: 1}).Check(t.Context(), ann)
		require.EqualError(t, err, "checker at "+s.Listener.Addr().String()+": "+text)
		require.EqualValues(t, 1, s.asked.Load())
	}
	s := serve(t, reply(204, ""))
	_, err := newChecker(t, httpcheck.Options{URL: s.URL}).Check(t.Context(), ann)
	require.ErrorContains(t, err, "status 204 No Content")
}

// TestStatusesThatPutOff: the question is asked again.
func TestStatusesThatPutOff(t *testing.T) {
	for _, status := range []int{429, 500, 501, 502, 503, 504, 599} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			s := serve(t, reply(status, ""), proven)
			check, err := newChecker(t, httpcheck.Options{URL: s.URL}).Check(t.Context(), ann)
			require.NoError(t, err)
			require.True(t, check.Proven)
			require.EqualValues(t, 2, s.asked.Load())
		})
	}
}

// TestRedirectsAreNotFollowed: what is asked of one service is told to no other,
// and not to another path either.
func TestRedirectsAreNotFollowed(t *testing.T) {
	other := serve(t, proven)
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, place := range []string{other.URL, "/elsewhere"} {
			s := serve(t, http.RedirectHandler(place, status).ServeHTTP)
			_, err := newChecker(t, httpcheck.Options{URL: s.URL}).Check(t.Context(), ann)
			require.ErrorContains(t, err, http.StatusText(status))
			require.EqualValues(t, 1, s.asked.Load())
		}
	}
	require.Zero(t, other.asked.Load())
}

func TestCertificatesAreVerified(t *testing.T) {
	plain := serve(t, proven)
	secure := httptest.NewUnstartedServer(plain.Config.Handler)
	secure.Config.ErrorLog = plain.Config.ErrorLog
	secure.StartTLS()
	t.Cleanup(secure.Close)

	_, err := newChecker(t, httpcheck.Options{URL: secure.URL, Retries: -1}).Check(t.Context(), ann)
	require.ErrorContains(t, err, "certificate")
	require.Zero(t, plain.asked.Load())

	check, err := newChecker(t, httpcheck.Options{URL: secure.URL, Client: secure.Client()}).Check(t.Context(), ann)
	require.NoError(t, err)
	require.True(t, check.Proven)
}

func TestOptionFaults(t *testing.T) {
	const secret = "s3cret"
	for fault, opts := range map[string]httpcheck.Options{
		"":                  {URL: "https://host:1/path?key=" + secret, Token: secret},
		"not of the form":   {URL: secret},
		"the URL is":        {URL: "https:///" + secret},
		"form https":        {URL: "https://host/%" + secret},
		"host/path":         {URL: "ftp://host/" + secret},
		"the form":          {},
		"holds a user":      {URL: "https://ann:" + secret + "@host/"},
		"a line end":        {URL: "https://host/", Token: secret + "\n"},
		"a space":           {URL: "https://host/", Token: secret + " x"},
		"another character": {URL: "https://host/", Token: secret + "é"},
		"a duration":        {URL: "https://host/", Timeout: -1},
		"duration is":       {URL: "https://host/", BreakerOpen: -1},
		"a number":          {URL: "https://host/", Retries: -2},
		"number is":         {URL: "https://host/", BreakerFailures: -1},
	} {
		c, err := httpcheck.New(opts)
		if fault == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, fault)
		require.NotContains(t, err.Error(), secret)
		require.Nil(t, c)
	}
}

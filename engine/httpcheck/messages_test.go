package httpcheck_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/httpcheck"
	"github.com/stepgate/stepgate/steps"
)

// asked is what a service sees of a request.
type asked struct {
	method, body string
	header       http.Header
}

// record keeps what is asked, and goes on to a reply.
func record(to *asked, then http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*to = asked{r.Method, string(body), r.Header}
		then(w, r)
	}
}

func TestCheckAsksWithWhatTheScopeNames(t *testing.T) {
	for scope, body := range map[steps.Scope]string{
		steps.ScopeUser:        `{"step":"s","user":"ann"}`,
		steps.ScopeUserDevice:  `{"step":"s","user":"ann","device":"phone"}`,
		steps.ScopeUserVehicle: `{"step":"s","user":"ann","vin":"V1"}`,
		steps.ScopeActivation:  `{"step":"s","user":"ann","stepsID":42}`,
	} {
		t.Run(scope.String(), func(t *testing.T) {
			var got asked
			c := newChecker(t, httpcheck.Options{URL: serve(t, record(&got, proven)).URL, Token: "t0ken"})
			plan := steps.Plan{Steps: []steps.Step{{Name: "s", Scope: scope}}}
			a := steps.Activation{StepsID: 42, Binding: steps.Binding{User: "ann", Device: "phone"}, VIN: "V1"}
			_, err := c.Check(t.Context(), plan.Subject(0, &a))
			require.NoError(t, err)
			require.Equal(t, body, got.body)
			require.Equal(t, http.MethodPost, got.method)
			require.Equal(t, "application/json", got.header.Get("Content-Type"))
			require.Equal(t, "Bearer t0ken", got.header.Get("Authorization"))
		})
	}
}

func TestEligibleAsksWithTheAssociation(t *testing.T) {
	var got asked
	c := newChecker(t, httpcheck.Options{URL: serve(t, record(&got, reply(200, `{"eligible":true}`))).URL})
	_, err := c.Eligible(t.Context(), steps.Association{ID: "987654", User: "ann", Service: "remoteCommands"})
	require.NoError(t, err)
	require.Equal(t, `{"carAssociationID":"987654","user":"ann","service":"remoteCommands","vin":""}`, got.body)
	require.NotContains(t, got.header, "Authorization", "no token, no header")
}

func TestCheckAnswers(t *testing.T) {
	padding := strings.Repeat(" ", 64<<10-len(`{"proven":true}`))
	for answer, want := range map[string]engine.Check{
		`{"proven":true}`:                                     {Proven: true},
		`{"proven":false}`:                                    {},
		`{"proven":true,"until":null}`:                        {Proven: true},
		`{"proven":true,"until":"2030-01-02T03:04:05.5Z"}`:    {Proven: true, Until: time.Date(2030, 1, 2, 3, 4, 5, 5e8, time.UTC)},
		`{"until":"2030-01-02T03:04:05+02:00","proven":true}`: {Proven: true, Until: time.Date(2030, 1, 2, 1, 4, 5, 0, time.UTC)},
		`{"proven":false,"until":"2030-01-02T03:04:05Z"}`:     {},
		`{"proven":true,"other":{"proven":[false]}}`:          {Proven: true},
		`{"proven":true}` + padding:                           {Proven: true},
	} {
		c := newChecker(t, httpcheck.Options{URL: serve(t, reply(200, answer)).URL})
		check, err := c.Check(t.Context(), ann)
		require.NoError(t, err)
		require.Equal(t, want, check, "%.60s", answer)
	}
}

func TestEligibleAnswers(t *testing.T) {
	for answer, want := range map[string]string{
		`{"eligible":true}`:                              "",
		`{"eligible":true,"reason":"none"}`:              "",
		`{"eligible":false,"reason":"It has no modem."}`: "It has no modem.",
	} {
		c := newChecker(t, httpcheck.Options{URL: serve(t, reply(200, answer)).URL})
		why, err := c.Eligible(t.Context(), steps.Association{ID: "1", User: "ann"})
		require.NoError(t, err)
		require.Equal(t, want, why, answer)
	}
}

// TestUnreadableAnswers: nothing is guessed, and nothing is asked again in the
// hope of better.
func TestUnreadableAnswers(t *testing.T) {
	for answer, why := range map[string]string{
		``:                                   "not a JSON object",
		`<html>`:                             "not a JSON object",
		`null`:                               "not a JSON object",
		`[]`:                                 "not a JSON object",
		`{"proven":true`:                     "not a JSON object",
		`{"proven":true} x`:                  "not a JSON object",
		`{"proven":"true"}`:                  "another type",
		`{"proven":1}`:                       "another type",
		`{"proven":true,"proven":true}`:      "twice",
		`{}`:                                 "no member proven",
		`{"Proven":true}`:                    "no member proven",
		`{"proven":null}`:                    "no member proven",
		`{"eligible":true}`:                  "no member proven",
		`{"proven":true,"until":5}`:          "another type",
		`{"proven":true,"until":""}`:         "until is not a time",
		`{"proven":true,"until":"tomorrow"}`: "until is not a time",
		`{"proven":true,"until":"0001-01-01T00:00:00Z"}`: "until is not a time",
		`{"proven":true}` + strings.Repeat(" ", 64<<10):  "more than 64 KiB",
	} {
		s := serve(t, reply(200, answer))
		check, err := newChecker(t, httpcheck.Options{URL: s.URL}).Check(t.Context(), ann)
		require.ErrorContains(t, err, why, "%.60s", answer)
		require.Zero(t, check)
		require.EqualValues(t, 1, s.asked.Load())
	}
	for answer, why := range map[string]string{
		`{"proven":true}`:                    "no member eligible",
		`{"eligible":false}`:                 "no reason",
		`{"eligible":false,"reason":""}`:     "no reason",
		`{"eligible":false,"reason":"a\nb"}`: "control character",
		`{"eligible":false,"reason":["no"]}`: "another type",
		fmt.Sprintf(`{"eligible":false,"reason":%q}`, strings.Repeat("x", 1025)): "too long",
	} {
		s := serve(t, reply(200, answer))
		text, err := newChecker(t, httpcheck.Options{URL: s.URL}).Eligible(t.Context(), steps.Association{ID: "1"})
		require.ErrorContains(t, err, why, "%.60s", answer)
		require.Empty(t, text)
		require.EqualValues(t, 1, s.asked.Load())
	}
}

// TestEndlessAnswer: no more is read of an answer than it may have, nor of its
// header.
func TestEndlessAnswer(t *testing.T) {
	gone := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		defer close(gone)
		for block := make([]byte, 32<<10); ; {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	_, err := newChecker(t, httpcheck.Options{URL: s.URL, Timeout: long}).Check(t.Context(), ann)
	require.ErrorContains(t, err, "more than 64 KiB")
	<-gone

	s = serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Padding", strings.Repeat("x", 64<<10))
		proven(w, r)
	})
	_, err = newChecker(t, httpcheck.Options{URL: s.URL, Retries: -1}).Check(t.Context(), ann)
	require.ErrorContains(t, err, "what came is not HTTP")
}

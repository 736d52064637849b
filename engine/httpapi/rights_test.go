package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/steps"
)

// callers are those who call: by the right that they have, the owner's devices
// and another user's beside. "nobody" has no token.
var callers = map[string]steps.Caller{
	"owner":    {User: "u", Device: "phone", Rights: steps.Ask},
	"tablet":   {User: "u", Device: "tablet", Rights: steps.Ask},
	"other":    {User: "v", Device: "phone", Rights: steps.Ask},
	"reports":  {User: "u", Device: "phone", Rights: steps.Report},
	"operates": {User: "u", Device: "phone", Rights: steps.Operate},
	"no right": {User: "u", Device: "phone"},
}

// as finds the caller by a header.
func as(r *http.Request) (steps.Caller, error) {
	caller, known := callers[r.Header.Get("As")]
	if !known {
		return caller, steps.ErrNoToken
	}
	return caller, nil
}

const signed = `"actor":"ann","reason":"lost"`

// rightsCalls is every call, each as it succeeds where it is allowed. {id} is
// an activation of the owner, whose step mediumCarKey is next.
var rightsCalls = []struct{ method, path, body string }{
	{"GET", "/pims/pims.subscription.steps?carAssociationID=987654", ""},
	{"GET", "/pims/pims.subscription.steps?stepsID={id}", ""},
	{"GET", "/pims/pims.subscription.steps?stepsID={id}&resetSteps=true", ""},
	{"GET", "/pims/pims.subscription.step?stepsID={id}", ""},
	{"POST", "/pims", `{"api":"pims.subscription.step","parameters":{"stepsID":{id}}}`},
	{"POST", "/v1/activations", `{"carAssociationID":"987654"}`},
	{"POST", "/v1/activations", `{"stepsID":{id}}`},
	{"POST", "/v1/activations", `{"stepsID":{id},"resetSteps":true,"step":"trustedPhone"}`},
	{"GET", "/v1/activations", ""},
	{"GET", "/v1/activations?user=u", ""},
	{"GET", "/v1/activations/{id}", ""},
	{"GET", "/v1/activations/{id}/steps", ""},
	{"GET", "/v1/activations/{id}/history", ""},
	{"GET", "/v1/activations/{id}/explain", ""},
	{"POST", "/v1/events", told("step.completed", "e-1", `"step":"mediumCarKey"`)},
	{"POST", "/v1/events", told("step.failed", "e-1", `"step":"mediumCarKey"`)},
	{"POST", "/v1/events", told("activation.reset", "e-1", ``)},
	{"POST", "/v1/events", told("activation.cancelled", "e-1", signed)},
	{"POST", "/v1/events", told("step.overridden", "e-1", `"step":"mediumCarKey",`+signed)},
	{"POST", "/v1/events", told("step.revoked", "e-1", `"step":"trustedPhone",`+signed)},
	{"POST", "/v1/events", told("activation.unlocked", "e-1", signed)},
	{"POST", "/v1/events", told("activation.moved", "e-1", `"plan":1,`+signed)},
	{"PUT", "/v1/associations/1", `{"user":"u","service":"remoteCommands","vin":"V"}`},
	{"POST", "/v1/erasures", `{"user":"u","actor":"ann","reason":"a request"}`},
	{"GET", "/v1/verify", ""},
	{"GET", "/v1/plans", ""},
	{"POST", "/v1/plans/preview", "services: {remoteCommands: {versions: [{version: 2, steps: [{name: a}]}]}}"},
	{"GET", "/v1/codes", ""},
	{"GET", "/v1/codes/2317", ""},
	{"GET", "/openapi.json", ""},
	{"GET", "/livez", ""},
	{"GET", "/readyz", ""},
}

// newOwned returns a service with an activation of the owner of which only the
// last step is to do.
func newOwned(t *testing.T) (s *service, id string) {
	t.Helper()
	s, _, desk := newRuledService(t, httpapi.Options{Authenticate: as, Associations: new(writer)})
	got := s.do("POST", "/v1/activations", `{"carAssociationID":"987654"}`, "As", "owner")
	require.Equal(t, http.StatusOK, got.status, got.body)
	id = stepsID.FindStringSubmatch(got.body)[1]
	for _, step := range []string{"trustedPhone", "deviceActivation"} {
		got := s.do("POST", "/v1/events", event("e-"+step, id, step), "Content-Type", structured, "As", "reports")
		require.Contains(t, got.body, `"outcome":"applied"`)
	}
	desk.proven.Store(true)
	return s, id
}

// described returns the statuses that the description has for each operation.
func described(t *testing.T) map[string][]string {
	t.Helper()
	s := newService(t, httpapi.Options{}, engine.Options{})
	var doc struct {
		Paths map[string]map[string]struct{ Responses map[string]any }
	}
	require.NoError(t, json.Unmarshal([]byte(s.do("GET", "/openapi.json", "").body), &doc))
	statuses := make(map[string][]string)
	for path, operations := range doc.Paths {
		for method, operation := range operations {
			for status := range operation.Responses {
				statuses[strings.ToUpper(method)+" "+path] = append(statuses[strings.ToUpper(method)+" "+path], status)
			}
		}
	}
	return statuses
}

// operationOf returns which operation of the description a call is of.
func operationOf(method, path string) string {
	path, _, _ = strings.Cut(path, "?")
	path = regexp.MustCompile(`/codes/[0-9]+`).ReplaceAllString(path, "/codes/{code}")
	path = regexp.MustCompile(`/associations/[0-9]+`).ReplaceAllString(path, "/associations/{id}")
	return method + " " + strings.Replace(path, "/activations/{id}", "/activations/{stepsID}", 1)
}

// feed is every change that was told.
func (s *service) feed() string {
	s.t.Helper()
	told, err := s.engine.Changes(s.t.Context(), steps.Caller{User: "support", Rights: steps.Operate}, "", 0)
	require.NoError(s.t, err)
	return fmt.Sprintf("%+v", told)
}

// TestWhoMayCallWhat holds every call by every caller against a golden file,
// each on a service that no call before it has changed. Who may not changes
// nothing.
func TestWhoMayCallWhat(t *testing.T) {
	who := []string{"nobody", "no right", "owner", "tablet", "other", "reports", "operates"}
	var grid strings.Builder
	fmt.Fprintf(&grid, "%-100s", "")
	for _, caller := range who {
		fmt.Fprintf(&grid, "%-19s", caller)
	}
	statuses, seen := described(t), make(map[string]bool)
	for _, call := range rightsCalls {
		fmt.Fprintf(&grid, "\n%-100s", strings.Join([]string{call.method, call.path, shortened(call.body)}, " "))
		s, id := newOwned(t)
		for _, caller := range who {
			before := s.feed()
			fill := strings.NewReplacer("{id}", id)
			got := s.do(call.method, fill.Replace(call.path), fill.Replace(call.body), "Content-Type", structured, "As", caller)
			fmt.Fprintf(&grid, "%-19s", outcomeOf(got))
			if operation := operationOf(call.method, call.path); strings.HasPrefix(call.path, "/v1") {
				seen[operation] = true
				require.Contains(t, statuses[operation], strconv.Itoa(got.status), "%s by %s: %s", operation, caller, got.body)
			}
			if told := s.feed(); told != before {
				require.Equal(t, http.StatusOK, got.status, "%s %s by %s changed something: %s", call.method, call.path, caller, got.body)
				s, id = newOwned(t)
			}
		}
	}
	golden(t, "rights.golden", regexp.MustCompile(" +\n").ReplaceAllString(grid.String()+"\n", "\n"))
	for operation := range statuses {
		require.True(t, seen[operation], "%s is missing in the grid", operation)
	}
}

var eventType = regexp.MustCompile(`"type":"([^"]*)"`)

// shortened is what a row says of a body: of an event the type.
func shortened(body string) string {
	if of := eventType.FindStringSubmatch(body); of != nil {
		return of[1]
	}
	return body[:min(len(body), 50)]
}

// outcomeOf is what a caller got: the status, and of an event its verdict.
func outcomeOf(got answer) string {
	var told httpapi.Verdicts
	_ = json.Unmarshal([]byte(got.body), &told) // what is none stays empty
	switch {
	case len(told.Verdicts) == 0 || got.status != http.StatusOK:
		return strconv.Itoa(got.status)
	case told.Verdicts[0].Outcome == steps.Refused:
		return string(told.Verdicts[0].Reason)
	}
	return told.Verdicts[0].Outcome.String()
}

// TestForbiddenIsUnknown: to a caller whom it does not serve, a stepsID is
// answered byte for byte as one that there is not, on every call that takes one.
func TestForbiddenIsUnknown(t *testing.T) {
	s, id := newOwned(t)
	compared := 0
	for _, call := range rightsCalls {
		if !strings.Contains(call.path+call.body, "{id}") {
			continue
		}
		for _, caller := range []string{"tablet", "other"} {
			ask := func(id string) answer {
				fill := strings.NewReplacer("{id}", id)
				got := s.do(call.method, fill.Replace(call.path), fill.Replace(call.body), "Content-Type", structured, "As", caller)
				got.body = strings.ReplaceAll(got.body, `"stepsID":`+id, `"stepsID":0`)
				got.header.Del("Date")
				got.header.Del("Content-Length")
				return got
			}
			unknown, forbidden := ask("7"), ask(id)
			require.Equal(t, unknown, forbidden, "%s %s by %s", call.method, call.path, caller)
			require.NotEqual(t, "200", outcomeOf(forbidden), "%s %s %s", call.method, call.path, forbidden.body)
			require.NotEqual(t, "applied", outcomeOf(forbidden))
			compared++
		}
	}
	require.GreaterOrEqual(t, compared, 34)
	owner := s.do("GET", "/v1/activations/"+id+"/explain", "", "As", "owner")
	require.Equal(t, http.StatusOK, owner.status, "the control: to its owner it is not the same")
}

// TestDeviceCompletes: a device may tell a completion of its own where a checker
// confirms it, and no other; an operator's act is never its own.
func TestDeviceCompletes(t *testing.T) {
	s, _, desk := newRuledService(t, httpapi.Options{Authenticate: as})
	got := s.do("POST", "/v1/activations", `{"carAssociationID":"987654"}`, "As", "owner")
	id := stepsID.FindStringSubmatch(got.body)[1]
	complete := func(eventID, step, caller string) answer {
		return s.do("POST", "/v1/events", event(eventID, id, step), "Content-Type", structured, "As", caller)
	}
	got = complete("e-1", "trustedPhone", "owner")
	require.Equal(t, http.StatusForbidden, got.status)
	require.Contains(t, got.body, `"code":2302`)

	for _, step := range []string{"trustedPhone", "deviceActivation"} {
		require.Equal(t, "applied", outcomeOf(complete("e-"+step, step, "reports")))
	}
	require.Equal(t, "unknownActivation", outcomeOf(complete("e-2", "mediumCarKey", "tablet")))
	require.Equal(t, "notConfirmed", outcomeOf(complete("e-2", "mediumCarKey", "owner")))
	desk.proven.Store(true)
	require.Equal(t, "notConfirmed", outcomeOf(complete("e-2", "mediumCarKey", "owner")), "a verdict is for ever")
	require.Equal(t, "applied", outcomeOf(complete("e-3", "mediumCarKey", "owner")))

	page := s.do("GET", "/v1/activations/"+id+"/history", "", "As", "owner")
	require.Equal(t, 5, strings.Count(page.body, `"revision"`), page.body)
	cancel := strings.Replace(told("activation.cancelled", "e-4", signed), "{id}", id, 1)
	require.Equal(t, "403", outcomeOf(s.do("POST", "/v1/events", cancel, "Content-Type", structured, "As", "owner")))
}

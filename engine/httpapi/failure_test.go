package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store/memstore"
	"github.com/stepgate/stepgate/store/storetest"
)

func indented(t *testing.T, text string) string {
	t.Helper()
	var value any
	require.NoError(t, json.Unmarshal([]byte(text), &value))
	b, err := json.MarshalIndent(value, "", "  ")
	require.NoError(t, err)
	return string(b) + "\n"
}

// syncBuffer is a log that a server writes while a test reads.
type syncBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// resolver is an engine's associations as a function.
type resolver func(ctx context.Context) (steps.Association, bool, error)

func (f resolver) Association(ctx context.Context, user, id string) (steps.Association, bool, error) {
	a, ok, err := f(ctx)
	a.ID, a.User = id, user
	return a, ok, err
}

func (f resolver) ByVIN(ctx context.Context, user, vin string) ([]steps.Association, error) {
	a, _, err := f.Association(ctx, user, vin)
	return []steps.Association{a}, err
}

// secrets are what a log never holds.
var secrets = []string{"carol", "tablet", "555777", "VF3SECRET", "tok-secret"}

// failingService is a service whose associations fail as f says, and its log.
func failingService(t *testing.T, f resolver) (*service, *syncBuffer) {
	t.Helper()
	log := new(syncBuffer)
	s := newService(t, httpapi.Options{Log: slog.New(slog.NewTextHandler(log, nil)), Timeout: 20 * time.Millisecond},
		engine.Options{Associations: f})
	return s, log
}

var who = []string{"X-User-ID", "carol", "X-Device-ID", "tablet", "Authorization", "Bearer tok-secret"}

// bothAPIs asks for the same over both APIs, and returns the answers.
func (s *service) bothAPIs() (pims, native answer) {
	return s.do("GET", "/pims/pims.subscription.steps?carAssociationID=555777", "", who...),
		s.do("POST", "/v1/activations", `{"vin":"VF3SECRET"}`, who...)
}

// TestUnexpected: what nobody expects is code 2000 and nothing more to the
// caller, and the log says the rest, of nobody's person.
func TestUnexpected(t *testing.T) {
	for name, f := range map[string]resolver{
		"panic": func(context.Context) (steps.Association, bool, error) { panic("the cause") },
		"no plan": func(context.Context) (steps.Association, bool, error) {
			return steps.Association{Service: "the_cause"}, true, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, log := failingService(t, f)
			pims, native := s.bothAPIs()
			require.Equal(t, http.StatusInternalServerError, pims.status)
			require.Equal(t, `{"transactionId":"T","status":"FAILED","error":{"code":2000,"label":"Unknown error"}}`+"\n", pims.body)
			require.Equal(t, http.StatusInternalServerError, native.status)
			require.Regexp(t, `^{"title":"Unknown error","status":500,"code":2000,"instance":"urn:uuid:[0-9a-f-]{36}"}\n$`, native.body)
			require.Equal(t, 2, strings.Count(log.String(), "level=ERROR"))
			require.Regexp(t, "the.cause", log.String())
			require.Contains(t, log.String(), strings.TrimPrefix(instance.FindString(native.body), "urn:uuid:"))
			for _, secret := range secrets {
				require.NotContains(t, log.String(), secret)
			}
		})
	}
}

// TestNoAnswerInTime: what takes too long is 2201, what cannot serve is 2204.
func TestNoAnswerInTime(t *testing.T) {
	s, log := failingService(t, func(ctx context.Context) (steps.Association, bool, error) {
		<-ctx.Done()
		return steps.Association{}, false, ctx.Err()
	})
	pims, native := s.bothAPIs()
	require.Equal(t, http.StatusGatewayTimeout, pims.status)
	require.Contains(t, pims.body, `{"code":2201,"label":"Timeout"}`)
	require.Equal(t, http.StatusGatewayTimeout, native.status)
	require.Contains(t, native.body, `"code":2201`)
	require.Equal(t, 2, strings.Count(log.String(), "level=WARN"))

	s, log = failingService(t, func(context.Context) (steps.Association, bool, error) {
		return steps.Association{}, false, errors.New("no connection")
	})
	pims, native = s.bothAPIs()
	require.Equal(t, http.StatusServiceUnavailable, pims.status)
	require.Contains(t, pims.body, `{"code":2204,"label":"Server Error"}`)
	require.Equal(t, "1", native.header.Get("Retry-After"))
	require.NotContains(t, pims.body+native.body, "no connection")
	require.Contains(t, log.String(), "no connection")
}

// TestBatchInPart: where the store failed for some events of a batch the answer
// is that failure, with the verdicts there are; sent again, all have one.
func TestBatchInPart(t *testing.T) {
	faulty := storetest.NewFaulty(memstore.New(), func(storetest.Method) storetest.Fault { return storetest.Fault{} })
	s := newServiceOn(t, faulty, httpapi.Options{}, engine.Options{})
	first, second := s.create("1"), s.create("2")
	events := "[" + event("e-1", first, "trustedPhone") + "," + event("e-2", second, "trustedPhone") + "]"

	faulty.SetPlan(storetest.Script(storetest.Commit, storetest.Fault{Kind: storetest.ShortBatch, Keep: 1}))
	got := s.do("POST", "/v1/events", events, "Content-Type", batch)
	require.Equal(t, http.StatusServiceUnavailable, got.status, got.body)
	var problem httpapi.Problem
	require.NoError(t, json.Unmarshal([]byte(got.body), &problem))
	require.Equal(t, steps.CodeServer, problem.Code)
	require.Len(t, problem.Verdicts, 1)
	require.Equal(t, "e-1", problem.Verdicts[0].ID)

	got = s.do("POST", "/v1/events", events, "Content-Type", batch)
	require.Equal(t, http.StatusOK, got.status)
	require.Equal(t, 2, strings.Count(got.body, `"outcome":"applied"`))
	require.Equal(t, 1, strings.Count(got.body, `"duplicate":true`))
}

// TestBatchOfWhichOneIsForbidden: the others are judged, and of a failure that
// passes and one that stays the answer is the one that passes.
func TestBatchOfWhichOneIsForbidden(t *testing.T) {
	faulty := storetest.NewFaulty(memstore.New(), func(storetest.Method) storetest.Fault { return storetest.Fault{} })
	reporter := func(*http.Request) (steps.Caller, error) {
		return steps.Caller{User: "dev", Device: "dev", Rights: steps.Ask | steps.Report}, nil
	}
	s := newServiceOn(t, faulty, httpapi.Options{Authenticate: reporter}, engine.Options{})
	id := s.create("1")
	cancel := strings.Replace(event("e-1", id, ""), "step.completed", "activation.cancelled", 1)
	cancel = strings.Replace(cancel, `"step":""`, `"actor":"ann","reason":"lost"`, 1)
	events := "[" + cancel + "," + event("e-2", id, "trustedPhone") + "]"

	faulty.SetPlan(storetest.Script(storetest.Commit, storetest.Fault{Kind: storetest.FailBefore}))
	got := s.do("POST", "/v1/events", events, "Content-Type", batch)
	require.Equal(t, http.StatusServiceUnavailable, got.status, got.body)

	got = s.do("POST", "/v1/events", events, "Content-Type", batch)
	require.Equal(t, http.StatusForbidden, got.status, got.body)
	require.Contains(t, got.body, `"verdicts":[{"source":"sms","id":"e-2"`)
}

// TestReadiness: the reason why it cannot serve is for the log.
func TestReadiness(t *testing.T) {
	fault := errors.New("disk full at /data")
	s := newService(t, httpapi.Options{Ready: func(context.Context) error { return fault }}, engine.Options{})
	got := s.do("GET", "/readyz", "")
	require.Equal(t, http.StatusServiceUnavailable, got.status)
	require.NotContains(t, got.body, "disk")
	require.Equal(t, http.StatusOK, s.do("GET", "/livez", "").status)
	fault = nil
	require.Equal(t, http.StatusOK, s.do("GET", "/readyz", "").status)
}

// TestOtherMethods: the path says what it takes, and HEAD creates nothing.
func TestOtherMethods(t *testing.T) {
	s := newService(t, httpapi.Options{}, engine.Options{})
	for _, row := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"HEAD", "/pims/pims.subscription.steps?carAssociationID=1", 405, "GET"},
		{"POST", "/pims/pims.subscription.steps?carAssociationID=1", 405, "GET"},
		{"OPTIONS", "/pims/pims.subscription.steps?carAssociationID=1", 405, "GET"},
		{"GET", "/pims", 405, "POST"},
		{"GET", "/pims/", 404, ""},
		{"GET", "/pims/pims.subscription.steps/1", 404, ""},
		{"GET", "/v1/erasures", 405, "POST"},
		{"POST", "/v1/plans", 405, "GET"},
		{"GET", "/v1/plans/preview", 405, "POST"},
		{"GET", "/v1/codes/", 404, ""},
		{"GET", "/v1/events", 405, "POST"},
		{"DELETE", "/v1/activations", 405, "GET, POST"},
		{"POST", "/v1/associations/1", 405, "PUT"},
		{"GET", "/v1/nothing", 404, ""},
		{"GET", "/docs", 404, ""},
		{"GET", "/", 404, ""},
	} {
		got := s.do(row.method, row.path, "")
		require.Equal(t, row.status, got.status, "%s %s", row.method, row.path)
		require.Equal(t, row.allow, got.header.Get("Allow"), "%s %s", row.method, row.path)
		if strings.HasPrefix(row.path, "/pims") {
			require.Equal(t, "application/json", got.header.Get("Content-Type"))
			if row.method != "HEAD" {
				require.Regexp(t, `^{"transactionId":"T","status":"FAILED","error":{"code":2102,"label":"Invalid (method|api) parameter"}}\n$`, got.body)
			}
			continue
		}
		require.Equal(t, "application/problem+json", got.header.Get("Content-Type"))
	}
	require.Equal(t, `{"activations":[]}`+"\n", s.do("GET", "/v1/activations", "").body)
}

// TestPages: cursors lead through all activations, each once.
func TestPages(t *testing.T) {
	s := newService(t, httpapi.Options{}, engine.Options{})
	for i := range 5 {
		s.create(fmt.Sprint(i))
	}
	seen := map[steps.ID]bool{}
	cursor := ""
	for pages := 1; ; pages++ {
		var page httpapi.ActivationPage
		got := s.do("GET", "/v1/activations?state=trustedPhone&service=remoteCommands&limit=2"+cursor, "")
		require.NoError(t, json.Unmarshal([]byte(got.body), &page), got.body)
		for _, a := range page.Activations {
			require.False(t, seen[a.StepsID])
			require.Len(t, a.Steps, 3)
			seen[a.StepsID] = true
		}
		if page.Next == "" {
			require.Equal(t, 3, pages)
			break
		}
		cursor = "&cursor=" + page.Next
	}
	require.Len(t, seen, 5)
	require.Contains(t, s.do("GET", "/v1/activations?association=3", "").body, `"carAssociationID":"3"`)
	require.Equal(t, `{"activations":[]}`+"\n", s.do("GET", "/v1/activations?state=activated", "").body)
}

// TestProvenAt: a step that is done says when, whatever the filter.
func TestProvenAt(t *testing.T) {
	s := newService(t, httpapi.Options{}, engine.Options{})
	id := s.create("1")
	s.complete(id, "trustedPhone")
	for filter, done := range map[string]int{"": 1, "all": 1, "alreadyDone": 1, "todo": 0} {
		var a httpapi.Activation
		got := s.do("GET", "/v1/activations/"+id+"/steps?filter="+filter, "")
		require.NoError(t, json.Unmarshal([]byte(got.body), &a), got.body)
		require.Equal(t, done, strings.Count(got.body, `"provenAt"`), filter)
		if done == 1 {
			require.Equal(t, a.Since, a.Steps[0].ProvenAt)
		}
	}
}

package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store/memstore"
	"github.com/stepgate/stepgate/store/storetest"
)

func into[T any](t *testing.T, got answer) T {
	t.Helper()
	var shape T
	require.NoError(t, json.Unmarshal([]byte(got.body), &shape), got.body)
	return shape
}

// TestCodes: each code is told to anybody, and what is none is not found.
func TestCodes(t *testing.T) {
	nobody := func(*http.Request) (steps.Caller, error) { return steps.Caller{}, steps.ErrNoToken }
	s := newService(t, httpapi.Options{Authenticate: nobody}, engine.Options{})
	all := into[httpapi.Codes](t, s.do("GET", "/v1/codes", "")).Codes
	require.Len(t, all, len(steps.Codes()))
	for i, code := range steps.Codes() {
		require.Equal(t, httpapi.Code{Code: code, Label: code.Label(), Advice: code.Advice()}, all[i])
		require.NotEmpty(t, all[i].Advice)
		require.Equal(t, all[i], into[httpapi.Code](t, s.do("GET", "/v1/codes/"+strconv.Itoa(int(code)), "")))
	}
	for _, code := range []string{"0", "9999", "02317", "+2317", "2317.0", "x", "%ff", strings.Repeat("9", 1000)} {
		got := s.do("GET", "/v1/codes/"+code, "")
		require.Equal(t, http.StatusNotFound, got.status, code)
		require.Equal(t, `{"title":"Not Found","status":404,"detail":"there is no such code: /v1/codes has those that there are"}`+"\n", got.body)
		require.Equal(t, "application/problem+json", got.header.Get("Content-Type"))
	}
}

// TestErasureThatBreaksOff tells what it has erased, and done again the rest: no
// activation is without a receipt.
func TestErasureThatBreaksOff(t *testing.T) {
	faulty := storetest.NewFaulty(memstore.New(), func(storetest.Method) storetest.Fault { return storetest.Fault{} })
	s := newServiceOn(t, faulty, httpapi.Options{}, engine.Options{})
	made := make(map[string]bool)
	for i := range 130 {
		made[s.create(fmt.Sprint(i))] = true
	}
	const body = `{"user":"dev","actor":"ann","reason":"a request"}`
	faulty.SetPlan(storetest.Script(storetest.Erase, storetest.Fault{}, storetest.Fault{Kind: storetest.FailBefore}))
	got := s.do("POST", "/v1/erasures", body)
	require.Equal(t, http.StatusServiceUnavailable, got.status, got.body)
	problem := into[httpapi.Problem](t, got)
	require.Equal(t, steps.CodeServer, problem.Code)
	require.NotNil(t, problem.Receipt)
	require.Len(t, problem.Receipt.Activations, 100)

	receipt := into[httpapi.Receipt](t, s.do("POST", "/v1/erasures", body))
	for _, a := range append(problem.Receipt.Activations, receipt.Activations...) {
		require.True(t, made[a.StepsID.String()])
		delete(made, a.StepsID.String())
	}
	require.Empty(t, made)
	require.Contains(t, s.do("POST", "/v1/erasures", body).body, `"activations":[]`)
}

// TestVerificationGoesOn page by page, each activation once.
func TestVerificationGoesOn(t *testing.T) {
	s := newService(t, httpapi.Options{}, engine.Options{})
	for i := range 5 {
		s.create(fmt.Sprint(i))
	}
	verified, pages, after := 0, 0, ""
	for {
		v := into[httpapi.Verification](t, s.do("GET", "/v1/verify?limit=2&after="+after, ""))
		require.Empty(t, v.Faults)
		verified += v.Activations
		pages++
		if v.Next == 0 {
			break
		}
		after = v.Next.String()
	}
	require.Equal(t, 5, verified)
	require.Equal(t, 3, pages)
}

// TestPlanFileFaults: an answer does not grow with what somebody sent.
func TestPlanFileFaults(t *testing.T) {
	s := newService(t, httpapi.Options{}, engine.Options{})
	file := "services:\n  a:\n    versions:\n" + strings.Repeat("      - {version: 1, steps: [], wrong: 1}\n", 500)
	got := s.do("POST", "/v1/plans/preview", file)
	require.Equal(t, http.StatusBadRequest, got.status)
	problem := into[httpapi.Problem](t, got)
	require.Equal(t, "body", problem.Parameter)
	require.Len(t, problem.Faults, 100)
	require.Contains(t, problem.Detail, "faults; the first, at 4:")
	require.Equal(t, 4, problem.Faults[0].Line)
	require.Positive(t, problem.Faults[0].Column)
}

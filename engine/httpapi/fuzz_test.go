package httpapi

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

// FuzzParameters: whatever comes, there is an error of one of two codes that
// names its parameter, or a request that the engine can look at. A query and a
// body that say the same are read the same.
func FuzzParameters(f *testing.F) {
	for _, seed := range []string{
		"carAssociationID=987654&resetSteps=false&stepsStatus=all", "stepsID=132324", "stepsId=1&stepsID=1", "stepsId=1&stepsID=2",
		"stepsID=01", "stepsID=%ff", "resetStep=true&vin=V", "stepStatus=todo&stepsStatus=todo", "a;b", "%zz", "stepsID=1&stepsID=1", "=1&=2",
	} {
		f.Add(seed, `{"api":"pims.subscription.steps","parameters":{"stepsID":132324,"resetSteps":true}}`)
	}
	for _, seed := range []string{"", "{}", `{"parameters":{"stepsID":"1"}}`, `{"parameters":{"stepsID":1e3}}`, `{"parameters":{"x":{}}}`, `{"api":1}`, `{"api":"a","api":"b"}`} {
		f.Add("", seed)
	}
	f.Fuzz(func(t *testing.T, query, body string) {
		p, err := queryParameters(query)
		checkParameters(t, p, err)
		_, p, err = bodyParameters([]byte(body))
		checkParameters(t, p, err)
	})
}

func checkParameters(t *testing.T, p parameters, err error) {
	t.Helper()
	if err == nil {
		err = p.canonical()
	}
	if err == nil {
		for _, a := range aliases {
			require.NotContains(t, p, a.alias)
		}
		req, bad := p.stepsRequest()
		if bad == nil {
			require.LessOrEqual(t, req.StepsID, steps.MaxID)
			require.Contains(t, []steps.Filter{steps.FilterAll, steps.FilterTodo, steps.FilterDone}, req.Filter)
		}
		err = bad
	}
	if err != nil {
		typed, ok := errors.AsType[*steps.Error](err)
		require.True(t, ok)
		require.Contains(t, []steps.Code{steps.CodeMissing, steps.CodeInvalid}, typed.Code)
		require.NotEmpty(t, typed.Parameter)
	}
}

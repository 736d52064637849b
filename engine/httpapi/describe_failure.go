package httpapi

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepgate/stepgate/steps"
)

// usual are the statuses of failures that every call with a caller has.
var usual = []int{
	http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden,
	http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

// problems are the answers of an operation that fails: with the usual statuses,
// those of its own, or whatever else its caller's authentication says.
func problems(own ...int) map[string]*huma.Response {
	responses := map[string]*huma.Response{"default": {Ref: "#/components/responses/problem"}}
	for _, status := range slices.Concat(usual, own) {
		responses[strconv.Itoa(status)] = &huma.Response{Ref: fmt.Sprintf("#/components/responses/problem%d", status)}
	}
	return responses
}

// failures are the answers that problems refers to.
func failures() map[string]*huma.Response {
	responses := map[string]*huma.Response{"problem": problemResponse("What is wrong, and what to do next")}
	for _, code := range steps.Codes() {
		what := fmt.Sprintf("%d %s", code, code.Label())
		name := fmt.Sprintf("problem%d", statuses[code])
		if same := responses[name]; same != nil {
			what = same.Description + "; " + what
		}
		responses[name] = problemResponse(what)
	}
	return responses
}

func problemResponse(what string) *huma.Response {
	return &huma.Response{
		Description: what,
		Content:     map[string]*huma.MediaType{problemType: {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}}},
	}
}

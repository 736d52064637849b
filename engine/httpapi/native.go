package httpapi

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/stepgate/stepgate/steps"
)

// addNative adds the native API. Huma answers what reads and describes all of
// it in /openapi.json; what has a body is answered by handlers of our own, which
// are strict with it, and is described beside.
func (s *server) addNative(mux *http.ServeMux) {
	config := huma.DefaultConfig("Stepgate", "1")
	config.Info.Description = "Ordered checks that unlock something: one state machine per activation."
	config.DocsPath, config.SchemasPath, config.OpenAPIPath = "", "", ""
	config.CreateHooks = nil // no $schema in answers
	api := humago.New(mux, config)

	s.addReads(api)
	s.addWrites(mux)
	describe(api.OpenAPI())
	mux.HandleFunc("GET /openapi.json", description(api.OpenAPI()))
}

// description serves the finished description. Huma's own handler makes it when
// it is first asked for, and two who ask at once race.
func description(doc *huma.OpenAPI) http.HandlerFunc {
	text, err := doc.MarshalJSON()
	if err != nil {
		panic(err) // it is made of constants
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(text)
	}
}

func (s *server) addReads(api huma.API) {
	const notFound, conflict = http.StatusNotFound, http.StatusConflict
	huma.Register(api, reading("getActivation", "/v1/activations/{stepsID}", "An activation with all its steps, and what proved them", notFound), s.getActivation)
	huma.Register(api, reading("getSteps", "/v1/activations/{stepsID}/steps", "The caller's activation with the steps that a filter lets through", notFound, conflict), s.getSteps)
	huma.Register(api, reading("getHistory", "/v1/activations/{stepsID}/history", "The history of an activation, oldest entry first", notFound), s.getHistory)
	huma.Register(api, reading("explainActivation", "/v1/activations/{stepsID}/explain", "What blocks an activation, what unblocks it, and who must act", notFound), s.explainActivation)
	huma.Register(api, reading("listActivations", "/v1/activations", "Activations in the order of their stepsIDs; for operators"), s.listActivations)
	huma.Register(api, reading("verifyHistories", "/v1/verify", "Whether histories are as they were written, page by page; for operators"), s.verify)
	huma.Register(api, reading("listPlans", "/v1/plans", "The plans that the engine judges by; for operators"), s.listPlans)
	huma.Register(api, public("listCodes", "/v1/codes", "The error codes, and what to do about each"), s.listCodes)
	huma.Register(api, public("getCode", "/v1/codes/{code}", "An error code, and what to do about it"), s.getCode)
}

func (s *server) addWrites(mux *http.ServeMux) {
	mux.HandleFunc("POST /v1/activations", s.native(s.postActivation))
	mux.HandleFunc("POST /v1/events", s.native(s.postEvents))
	mux.HandleFunc("PUT /v1/associations/{id}", s.native(s.putAssociation))
	mux.HandleFunc("POST /v1/erasures", s.native(s.postErasure))
	mux.HandleFunc("POST /v1/plans/preview", s.native(s.postPreview, "after", "limit"))
}

// reading is an operation that changes nothing, with the statuses of failures
// that not every operation has.
func reading(id, path, summary string, failures ...int) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: http.MethodGet, Path: path, Summary: summary,
		SkipValidateParams: true, // ours say what to do next
		Responses:          problems(failures...),
	}
}

// public is a read that needs no token and rests on nothing that could fail.
func public(id, path, summary string) huma.Operation {
	op := reading(id, path, summary)
	op.Security = []map[string][]string{{}}
	op.Responses = map[string]*huma.Response{"default": op.Responses["default"]}
	return op
}

// request is the part of every input that its caller is found by.
type request struct{ ctx huma.Context }

// Resolve implements huma.Resolver.
func (q *request) Resolve(ctx huma.Context) []error {
	q.ctx = ctx
	return nil
}

// answer runs a read of the native API for its caller.
func answer[T any](s *server, q *request, read func(context.Context, steps.Caller) (T, error)) (*struct{ Body T }, error) {
	r, _ := humago.Unwrap(q.ctx)
	caller, err := s.caller(r, "v1")
	if err == nil {
		err = checkQuery(r.URL.RawQuery, queryNames(q.ctx.Operation()))
	}
	if err == nil {
		var body T
		if body, err = read(r.Context(), caller); err == nil {
			return &struct{ Body T }{body}, nil
		}
	}
	return nil, s.problem(r, err)
}

// queryNames returns the parameters of an operation that stand in the query.
func queryNames(op *huma.Operation) []string {
	names := make([]string, 0, len(op.Parameters))
	for _, p := range op.Parameters {
		if p.In == "query" {
			names = append(names, p.Name)
		}
	}
	return names
}

// checkQuery returns the fault of a query with parameters that are not among
// names, which may be misspelt, or that stand twice.
func checkQuery(query string, names []string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return steps.Invalid("query", "the query cannot be read: escape what is not a letter or a digit")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(names, name) {
			return steps.Invalid(shortName(name), "this call has no such parameter: /openapi.json names those it has")
		}
		if len(values[name]) > 1 {
			return steps.Invalid(name, "the parameter stands twice")
		}
	}
	return nil
}

// answerAbout is answer for a read of the activation whose ID a text is.
func answerAbout[T any](s *server, q *request, stepsID string, read func(context.Context, steps.Caller, steps.ID) (T, error)) (*struct{ Body T }, error) {
	return answer(s, q, func(ctx context.Context, caller steps.Caller) (body T, err error) {
		id, err := steps.ParseID(stepsID)
		if err != nil {
			return body, err
		}
		return read(ctx, caller, id)
	})
}

package httpapi

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
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

	huma.Register(api, reading("getActivation", "/v1/activations/{stepsID}", "An activation with all its steps"), s.getActivation)
	huma.Register(api, reading("getSteps", "/v1/activations/{stepsID}/steps", "The caller's activation with the steps that a filter lets through"), s.getSteps)
	huma.Register(api, reading("getHistory", "/v1/activations/{stepsID}/history", "The history of an activation, oldest entry first"), s.getHistory)
	huma.Register(api, reading("listActivations", "/v1/activations", "Activations in the order of their stepsIDs; for operators"), s.listActivations)

	mux.HandleFunc("POST /v1/activations", s.native(s.postActivation))
	mux.HandleFunc("POST /v1/events", s.postEvents)
	mux.HandleFunc("PUT /v1/associations/{id}", s.native(s.putAssociation))
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

// reading is an operation that changes nothing.
func reading(id, path, summary string) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: http.MethodGet, Path: path, Summary: summary,
		SkipValidateParams: true, // ours say what to do next
		Responses:          map[string]*huma.Response{"default": problemResponse},
	}
}

// request is the part of every input that its caller is found by.
type request struct{ ctx huma.Context }

// Resolve implements huma.Resolver.
func (q *request) Resolve(ctx huma.Context) []error {
	q.ctx = ctx
	return nil
}

type idInput struct {
	request
	StepsID string `path:"stepsID" doc:"The stepsID"`
}

// answer runs a read of the native API for its caller.
func answer[T any](s *server, q *request, read func(context.Context, steps.Caller) (T, error)) (*struct{ Body T }, error) {
	r, _ := humago.Unwrap(q.ctx)
	caller, err := s.caller(r, "v1")
	if err == nil {
		err = checkQuery(r.URL.RawQuery, q.ctx.Operation())
	}
	if err == nil {
		var body T
		if body, err = read(r.Context(), caller); err == nil {
			return &struct{ Body T }{body}, nil
		}
	}
	return nil, s.problem(r, newTransactionID(), err)
}

// checkQuery returns the fault of a query with parameters that an operation does
// not have, which may be misspelt, or has twice.
func checkQuery(query string, op *huma.Operation) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return steps.Invalid("query", "the query cannot be read: escape what is not a letter or a digit")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		known := slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.In == "query" && p.Name == name })
		if !known {
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

func (s *server) getActivation(_ context.Context, in *idInput) (*struct{ Body Activation }, error) {
	return answerAbout(s, &in.request, in.StepsID, func(ctx context.Context, caller steps.Caller, id steps.ID) (Activation, error) {
		list, err := s.engine.Show(ctx, caller, id)
		return NewActivation(list), err
	})
}

type stepsInput struct {
	request
	StepsID string `path:"stepsID" doc:"The stepsID"`
	Filter  string `query:"filter" doc:"all (the default), todo or alreadyDone"`
}

func (s *server) getSteps(_ context.Context, in *stepsInput) (*struct{ Body Activation }, error) {
	return answerAbout(s, &in.request, in.StepsID, func(ctx context.Context, caller steps.Caller, id steps.ID) (Activation, error) {
		list, err := s.engine.Steps(ctx, caller, engine.StepsRequest{StepsID: id, Filter: steps.Filter(in.Filter)})
		return NewActivation(list), err
	})
}

func (s *server) getHistory(_ context.Context, in *idInput) (*struct{ Body HistoryPage }, error) {
	return answerAbout(s, &in.request, in.StepsID, func(ctx context.Context, caller steps.Caller, id steps.ID) (HistoryPage, error) {
		entries, err := s.engine.History(ctx, caller, id)
		return NewHistoryPage(id, entries), err
	})
}

type listInput struct {
	request
	State       string `query:"state" doc:"Those in this state"`
	Service     string `query:"service" doc:"Those of this service"`
	Association string `query:"association" doc:"Those of this carAssociationID"`
	Cursor      string `query:"cursor" doc:"The next of the page before"`
	Limit       string `query:"limit" doc:"1 to 1000; absent: 100"`
}

func (s *server) listActivations(_ context.Context, in *listInput) (*struct{ Body ActivationPage }, error) {
	return answer(s, &in.request, func(ctx context.Context, caller steps.Caller) (ActivationPage, error) {
		q, err := in.query()
		if err != nil {
			return ActivationPage{}, err
		}
		found, err := s.engine.List(ctx, caller, q)
		if err != nil {
			return ActivationPage{}, err
		}
		return NewActivationPage(found, q.Limit, s.engine.Plans()), nil
	})
}

func (in *listInput) query() (store.Query, error) {
	q := store.Query{State: steps.State(in.State), Service: in.Service, Association: in.Association}
	for _, filter := range []struct{ name, text string }{
		{"state", in.State}, {"service", in.Service}, {"association", in.Association},
	} {
		if err := steps.CheckText(filter.name, filter.text, steps.MaxText); err != nil {
			return q, err
		}
	}
	var err error
	if in.Cursor != "" {
		if q.After, err = steps.ParseID(in.Cursor); err != nil {
			return q, steps.Invalid("cursor", "the cursor is none that a page gave")
		}
	}
	if in.Limit != "" {
		if q.Limit, err = strconv.Atoi(in.Limit); err != nil || q.Limit < 1 || q.Limit > store.MaxLimit {
			return q, steps.Invalid("limit", "a limit lies between 1 and 1000")
		}
	}
	return q, nil
}

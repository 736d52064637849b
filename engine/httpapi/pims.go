package httpapi

import (
	"net/http"

	"github.com/stepgate/stepgate/steps"
)

// The calls of the source text, by every name that is taken for them.
var apis = map[string]func(*server, *http.Request, steps.Caller, parameters) ([]byte, error){
	"pims.subscription.steps": (*server).pimsSteps,
	"pims.vehicle.steps":      (*server).pimsSteps,
	"pims.subscription.step":  (*server).pimsStep,
}

func (s *server) addPims(mux *http.ServeMux) {
	mux.HandleFunc("HEAD /pims/{api}", unmatched(mux)) // a list without its stepsID would be lost
	mux.HandleFunc("GET /pims/{api}", func(w http.ResponseWriter, r *http.Request) {
		s.pims(w, r, func() (string, parameters, error) {
			p, err := queryParameters(r.URL.RawQuery)
			return r.PathValue("api"), p, err
		})
	})
	mux.HandleFunc("POST /pims", func(w http.ResponseWriter, r *http.Request) {
		s.pims(w, r, func() (string, parameters, error) {
			body, err := readBody(w, r)
			if err != nil {
				return "", nil, err
			}
			return bodyParameters(body)
		})
	})
}

// pims answers one call of the source text's API.
func (s *server) pims(w http.ResponseWriter, r *http.Request, read func() (string, parameters, error)) {
	result, err := s.pimsResult(r, read)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeSuccess(w, newTransactionID(), result)
}

func (s *server) pimsResult(r *http.Request, read func() (string, parameters, error)) ([]byte, error) {
	caller, err := s.caller(r, "pims")
	if err != nil {
		return nil, err
	}
	name, p, err := read()
	if err != nil {
		return nil, err
	}
	if name == "" {
		return nil, steps.Missing("api", "")
	}
	call, ok := apis[name]
	if !ok {
		return nil, steps.Invalid("api", "")
	}
	if err := p.canonical(); err != nil {
		return nil, err
	}
	return call(s, r, caller, p)
}

// pimsSteps is pims.subscription.steps.
func (s *server) pimsSteps(r *http.Request, caller steps.Caller, p parameters) ([]byte, error) {
	req, err := p.stepsRequest()
	if err != nil {
		return nil, err
	}
	list, err := s.engine.Steps(r.Context(), caller, req)
	if err != nil {
		return nil, err
	}
	return appendList(nil, &list), nil
}

// pimsStep is pims.subscription.step.
func (s *server) pimsStep(r *http.Request, caller steps.Caller, p parameters) ([]byte, error) {
	if _, ok := p["stepsID"]; !ok {
		return nil, steps.Missing("stepsID", "")
	}
	req, err := p.stepsRequest()
	if err != nil {
		return nil, err
	}
	if req.CarAssociationID != "" || req.VIN != "" {
		return nil, steps.Invalid("stepsID", "")
	}
	if req.Reset {
		return nil, steps.Invalid("resetSteps", "") // it is the list's: who asks for it here must not believe it done
	}
	next, err := s.engine.Next(r.Context(), caller, req.StepsID)
	if err != nil {
		return nil, err
	}
	if next == nil {
		return []byte("null"), nil
	}
	return append(appendItem([]byte{'{'}, next), '}'), nil
}

package httpapi

import (
	"net/http"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/internal/strictjson"
	"github.com/stepgate/stepgate/steps"
)

// native answers a call of the native API that has a body, and the parameters
// that are named.
func (s *server) native(call func(r *http.Request, caller steps.Caller, body []byte) (any, error), parameters ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		caller, err := s.caller(r, "v1")
		if err != nil {
			s.fail(w, r, err)
			return
		}
		body, err := readBody(w, r)
		if err == nil {
			err = checkQuery(r.URL.RawQuery, parameters)
		}
		if err == nil {
			var answer any
			if answer, err = call(r, caller, body); err == nil {
				writeJSON(w, "application/json", http.StatusOK, answer)
				return
			}
		}
		s.fail(w, r, err)
	}
}

func (s *server) postActivation(r *http.Request, caller steps.Caller, body []byte) (any, error) {
	var req engine.StepsRequest
	err := readObject(body, func(in *strictjson.Reader, name string) (err error) {
		switch name {
		case "carAssociationID":
			req.CarAssociationID, err = in.Text()
		case "vin":
			req.VIN, err = in.Text()
		case "stepsID":
			req.StepsID, err = readID(in)
		case "resetSteps":
			req.Reset, err = in.Bool()
		case "step":
			req.ResetStep, err = in.Text()
		default:
			return steps.Invalid(shortName(name), "an activation is asked for by carAssociationID, vin or stepsID, with resetSteps and step")
		}
		return named(name, err)
	})
	if err != nil {
		return nil, err
	}
	list, err := s.engine.Steps(r.Context(), caller, req)
	return NewActivation(list), err
}

// readID reads a stepsID that is a number or a text. One that is null or empty
// is zero: absent.
func readID(in *strictjson.Reader) (steps.ID, error) {
	text, kind, err := in.Scalar()
	switch {
	case err != nil || text == "":
		return 0, err
	case kind == '"', kind == '0':
		return steps.ParseID(text)
	}
	return 0, strictjson.ErrType
}

func (s *server) putAssociation(r *http.Request, caller steps.Caller, body []byte) (any, error) {
	if err := permitOperator(&caller); err != nil {
		return nil, err
	}
	if s.opts.Associations == nil {
		return nil, &steps.Error{Code: steps.CodeRefused, Detail: "this service takes its associations from elsewhere"}
	}
	a := steps.Association{ID: r.PathValue("id")}
	err := readObject(body, func(in *strictjson.Reader, name string) (err error) {
		switch name {
		case "user":
			a.User, err = in.Text()
		case "service":
			a.Service, err = in.Text()
		case "vin":
			a.VIN, err = in.Text()
		default:
			return steps.Invalid(shortName(name), "an association has user, service and vin")
		}
		return named(name, err)
	})
	if err != nil {
		return nil, err
	}
	if err := s.opts.Associations.Put(r.Context(), a); err != nil {
		return nil, err
	}
	return Association{CarAssociationID: a.ID, User: a.User, Service: a.Service, VIN: a.VIN}, nil
}

// readObject reads a body that is one JSON object.
func readObject(body []byte, visit func(in *strictjson.Reader, name string) error) error {
	in := strictjson.Open(body)
	defer in.Close()
	err := in.Object(func(name []byte) error { return visit(in, string(name)) })
	if err == nil {
		err = in.End()
	}
	return named("body", err)
}

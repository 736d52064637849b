package httpapi

import (
	"errors"
	"net/http"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/handler"
	"github.com/stepgate/stepgate/engine/internal/strictjson"
	"github.com/stepgate/stepgate/steps"
)

// ActivationRequest is the body of POST /v1/activations: one of its first two
// members is set.
type ActivationRequest struct {
	CarAssociationID string `json:"carAssociationID,omitempty"`
	VIN              string `json:"vin,omitempty"`
	ResetSteps       bool   `json:"resetSteps,omitempty" doc:"Begin again"`
}

// AssociationRequest is the body of PUT /v1/associations/{id}.
type AssociationRequest struct {
	User    string `json:"user"`
	Service string `json:"service"`
	VIN     string `json:"vin"`
}

// CloudEvent is an event in structured mode, for the description: package
// handler reads it.
type CloudEvent struct {
	SpecVersion string         `json:"specversion" enum:"1.0"`
	ID          string         `json:"id" doc:"Together with the source the event's identity"`
	Source      string         `json:"source"`
	Type        string         `json:"type" enum:"stepgate.step.completed.v1,stepgate.step.failed.v1,stepgate.activation.reset.v1,stepgate.activation.cancelled.v1"`
	Subject     string         `json:"subject" doc:"The stepsID"`
	Time        string         `json:"time,omitempty" format:"date-time"`
	Data        CloudEventData `json:"data,omitempty"`
}

// CloudEventData is the data of an event.
type CloudEventData struct {
	Step   string   `json:"step,omitempty" doc:"Or steps"`
	Steps  []string `json:"steps,omitempty" doc:"Consecutive steps, in their order"`
	Epoch  *uint32  `json:"epoch,omitempty" doc:"The epoch that it was told in"`
	Actor  string   `json:"actor,omitempty"`
	Reason string   `json:"reason,omitempty"`
}

// native answers a call of the native API that has a body.
func (s *server) native(call func(r *http.Request, caller steps.Caller, body []byte) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		caller, err := s.caller(r, "v1")
		if err != nil {
			s.fail(w, r, err)
			return
		}
		body, err := readBody(w, r)
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
	var req ActivationRequest
	err := readObject(body, func(in *strictjson.Reader, name string) (err error) {
		switch name {
		case "carAssociationID":
			req.CarAssociationID, err = in.Text()
		case "vin":
			req.VIN, err = in.Text()
		case "resetSteps":
			req.ResetSteps, err = in.Bool()
		default:
			return steps.Invalid(shortName(name), "an activation is asked for by carAssociationID or vin, and resetSteps")
		}
		return named(name, err)
	})
	if err != nil {
		return nil, err
	}
	list, err := s.engine.Steps(r.Context(), caller, engine.StepsRequest{
		CarAssociationID: req.CarAssociationID, VIN: req.VIN, Reset: req.ResetSteps,
	})
	return NewActivation(list), err
}

func (s *server) putAssociation(r *http.Request, caller steps.Caller, body []byte) (any, error) {
	if !caller.May(steps.Operate) {
		return nil, &steps.Error{Code: steps.CodeForbidden, Detail: "declaring associations needs the right operate"}
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

// postEvents is POST /v1/events: the hot path.
func (s *server) postEvents(w http.ResponseWriter, r *http.Request) {
	verdicts, err := s.judge(w, r)
	if err != nil {
		problem := s.problem(r, newTransactionID(), err)
		problem.Verdicts = verdicts
		writeProblem(w, problem)
		return
	}
	writeJSON(w, "application/json", http.StatusOK, Verdicts{verdicts})
}

// judge returns the verdicts of the events in a request. Where some have none it
// returns those that there are, and why.
func (s *server) judge(w http.ResponseWriter, r *http.Request) ([]steps.Verdict, error) {
	caller, err := s.caller(r, "v1")
	if err != nil {
		return nil, err
	}
	body, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	events, err := handler.DecodeMessage(r.Header, body)
	if err != nil {
		return nil, err
	}
	if len(events) == 1 {
		verdict, err := s.engine.Handle(r.Context(), caller, events[0])
		if err != nil {
			return nil, err
		}
		return []steps.Verdict{verdict}, nil
	}
	return verdictsOf(s.engine.HandleBatch(r.Context(), caller, events))
}

// verdictsOf returns the verdicts there are, and why others are not. Where they
// are missing for several reasons it is one that passes, so that the sender
// sends again.
func verdictsOf(results []engine.Result) (verdicts []steps.Verdict, err error) {
	verdicts = make([]steps.Verdict, 0, len(results))
	for _, result := range results {
		switch {
		case result.Err == nil:
			verdicts = append(verdicts, result.Verdict)
		case err == nil || !passes(err) && passes(result.Err):
			err = result.Err
		}
	}
	return verdicts, err
}

// passes reports whether what failed may succeed when it is sent again.
func passes(err error) bool {
	return !errors.Is(err, steps.ErrForbidden) && !errors.Is(err, steps.ErrInvalid) && !errors.Is(err, steps.ErrMissing)
}

package httpapi

import (
	"errors"
	"net/http"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/handler"
	"github.com/stepgate/stepgate/steps"
)

// postEvents is POST /v1/events: the hot path. Where some events have no
// verdict it answers with why, and the verdicts that there are.
func (s *server) postEvents(r *http.Request, caller steps.Caller, body []byte) (any, error) {
	events, err := handler.DecodeMessage(r.Header, body)
	if err != nil {
		return nil, err
	}
	if len(events) == 1 {
		verdict, err := s.engine.Handle(r.Context(), caller, events[0])
		return Verdicts{[]steps.Verdict{verdict}}, err
	}
	verdicts, err := verdictsOf(s.engine.HandleBatch(r.Context(), caller, events))
	if err != nil {
		problem := s.problem(r, err)
		problem.Verdicts = verdicts
		return nil, problem
	}
	return Verdicts{verdicts}, nil
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

package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/stepgate/stepgate/engine/internal/strictjson"
	"github.com/stepgate/stepgate/engine/planfile"
	"github.com/stepgate/stepgate/steps"
)

// permitOperator returns nil where the caller has the right Operate. A call that
// has a body asks before it reads it, so that to others no body makes a
// difference.
func permitOperator(caller *steps.Caller) error {
	if caller.May(steps.Operate) {
		return nil
	}
	return &steps.Error{Code: steps.CodeForbidden, Detail: "this call needs the right operate"}
}

func (s *server) postErasure(r *http.Request, caller steps.Caller, body []byte) (any, error) {
	if err := permitOperator(&caller); err != nil {
		return nil, err
	}
	var req ErasureRequest
	err := readObject(body, func(in *strictjson.Reader, name string) (err error) {
		switch name {
		case "user":
			req.User, err = in.Text()
		case "actor":
			req.Actor, err = in.Text()
		case "reason":
			req.Reason, err = in.Text()
		default:
			return steps.Invalid(shortName(name), "an erasure has user, actor and reason")
		}
		return named(name, err)
	})
	if err != nil {
		return nil, err
	}
	receipt, err := s.engine.Erase(r.Context(), caller, req.User, req.Actor, req.Reason)
	shape := NewReceipt(receipt)
	if err != nil && len(shape.Activations) > 0 {
		problem := s.problem(r, err)
		problem.Receipt = &shape
		return nil, problem
	}
	return shape, err
}

type pageInput struct {
	request
	After string `query:"after" doc:"The next of the page before"`
	Limit string `query:"limit" doc:"1 to 1000; absent: 100"`
}

func (s *server) verify(_ context.Context, in *pageInput) (*struct{ Body Verification }, error) {
	return answer(s, &in.request, func(ctx context.Context, caller steps.Caller) (Verification, error) {
		after, limit, err := parsePage(in.After, in.Limit)
		if err != nil {
			return Verification{}, err
		}
		v, err := s.engine.Verify(ctx, caller, after, limit)
		return NewVerification(v), err
	})
}

type plansInput struct{ request }

func (s *server) listPlans(_ context.Context, in *plansInput) (*struct{ Body Plans }, error) {
	return answer(s, &in.request, func(_ context.Context, caller steps.Caller) (Plans, error) {
		if err := permitOperator(&caller); err != nil {
			return Plans{}, err
		}
		return NewPlans(s.engine.Plans()), nil
	})
}

func (s *server) postPreview(r *http.Request, caller steps.Caller, body []byte) (any, error) {
	if err := permitOperator(&caller); err != nil {
		return nil, err
	}
	query := r.URL.Query()
	after, limit, err := parsePage(query.Get("after"), query.Get("limit"))
	if err != nil {
		return nil, err
	}
	file, err := planfile.Parse(body)
	if faults, ok := errors.AsType[planfile.Faults](err); ok {
		return nil, s.planProblem(r, faults)
	}
	if err != nil {
		return nil, err
	}
	moves, next, err := s.engine.Preview(r.Context(), caller, file.Catalog, after, limit)
	return NewPreview(moves, next), err
}

// maxFaults is how many faults of a plan file an answer shows.
const maxFaults = 100

// planProblem says what is wrong with a plan file.
func (s *server) planProblem(r *http.Request, faults planfile.Faults) *Problem {
	p := s.problem(r, steps.Invalid("body", fmt.Sprintf("the plan file has %d faults; the first, at %s", len(faults), faults[0])))
	for _, f := range faults[:min(len(faults), maxFaults)] {
		p.Faults = append(p.Faults, FileFault{Line: f.Line, Column: f.Column, Path: f.Path, What: f.What})
	}
	return p
}

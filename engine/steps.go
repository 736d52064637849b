package engine

import (
	"context"
	"errors"
	"slices"

	"github.com/stepgate/stepgate/steps"
)

// StepsRequest asks for a list of steps. Exactly one of its first three members
// is set.
type StepsRequest struct {
	CarAssociationID string
	VIN              string
	StepsID          steps.ID
	Filter           steps.Filter // zero: all
	Reset            bool         // begin again: keeps the stepsID, raises the epoch
	ResetStep        string       // with Reset: this step alone, by name or alias
}

// Steps returns the list of steps of an activation (contract, section 2). By
// association or VIN it creates the activation on first use. It takes over what
// was proven through other activations, and resets where that is asked for;
// otherwise nothing changes.
//
// The caller needs the right Ask. ErrNotFound: there is no such stepsID for
// this caller. ErrInvalid: the association is none of the caller's, or the
// vehicle has several. ErrRefused: an operator cancelled the activation, or it
// took too long, and a reset begins again; or the vehicle is not eligible.
// ErrNoDevice: an operator revoked the device; a reset begins again.
// ErrBlocked: the failure budget of the next step is spent, until RetryAt.
func (e *Engine) Steps(ctx context.Context, caller steps.Caller, req StepsRequest) (steps.List, error) {
	if err := permitDevice(&caller); err != nil {
		return steps.List{}, err
	}
	if err := req.validate(); err != nil {
		return steps.List{}, err
	}
	a, created, err := e.find(ctx, &caller, &req)
	if err != nil {
		return steps.List{}, err
	}
	if req.Reset && !created {
		if a, err = e.reset(ctx, &caller, a, req.ResetStep); err != nil {
			return steps.List{}, err
		}
	}
	return e.list(ctx, &caller, a, req.Filter)
}

// Next returns the next step to do, as a list of one, or nil when there is
// none: the service is unlocked. Right and errors are as with Steps.
func (e *Engine) Next(ctx context.Context, caller steps.Caller, id steps.ID) (*steps.Item, error) {
	list, err := e.Steps(ctx, caller, StepsRequest{StepsID: id, Filter: steps.FilterTodo})
	if err != nil || len(list.Items) == 0 {
		return nil, err
	}
	return &list.Items[0], nil
}

func (r *StepsRequest) validate() error {
	given := 0
	for _, is := range []bool{r.CarAssociationID != "", r.VIN != "", r.StepsID != 0} {
		if is {
			given++
		}
	}
	if given == 0 {
		return steps.Missing("carAssociationID", "give a carAssociationID, a vin or a stepsID")
	}
	if given > 1 {
		return steps.Invalid("stepsID", "give one of carAssociationID, vin and stepsID alone")
	}
	if r.StepsID != 0 {
		if err := checkID(r.StepsID); err != nil {
			return err
		}
	}
	if err := steps.CheckText("carAssociationID", r.CarAssociationID, steps.MaxText); err != nil {
		return err
	}
	if err := steps.CheckText("vin", r.VIN, steps.MaxText); err != nil {
		return err
	}
	if r.ResetStep != "" && !r.Reset {
		return steps.Invalid("step", "a step is named to reset it alone: ask for the reset too")
	}
	if err := steps.CheckText("step", r.ResetStep, steps.MaxName); err != nil {
		return err
	}
	_, err := steps.ParseFilter(string(r.Filter))
	return err
}

// find returns the activation that a request means, and whether it was made
// for it.
func (e *Engine) find(ctx context.Context, caller *steps.Caller, req *StepsRequest) (a *steps.Activation, created bool, err error) {
	if req.StepsID != 0 {
		a, err = e.owned(ctx, caller, req.StepsID)
		return a, false, err
	}
	association, err := e.resolve(ctx, caller, req)
	if err != nil {
		return nil, false, err
	}
	return e.findOrCreate(ctx, caller, association)
}

// owned returns an activation that is bound to the caller. One of somebody else
// and none at all are the same error (contract, section 3, Bound).
func (e *Engine) owned(ctx context.Context, caller *steps.Caller, id steps.ID) (*steps.Activation, error) {
	a, err := e.load(ctx, id)
	if err == nil && !caller.Owns(a) {
		return nil, steps.ErrNotFound
	}
	return a, err
}

// resolve returns the caller's association that a request means. One of
// somebody else and none at all are the same error.
func (e *Engine) resolve(ctx context.Context, caller *steps.Caller, req *StepsRequest) (steps.Association, error) {
	var (
		parameter = "carAssociationID"
		found     []steps.Association
		err       error
	)
	if req.VIN != "" {
		parameter = "vin"
		found, err = e.associations.ByVIN(ctx, caller.User, req.VIN)
	} else if a, ok, failed := e.associations.Association(ctx, caller.User, req.CarAssociationID); failed != nil {
		err = failed
	} else if ok {
		found = []steps.Association{a}
	}
	if err != nil {
		return steps.Association{}, resolverFailure(err)
	}
	found = slices.DeleteFunc(slices.Clone(found), func(a steps.Association) bool { return a.User != caller.User })
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return steps.Association{}, steps.Invalid(parameter, "no association of yours has it")
	}
	return steps.Association{}, steps.Invalid(parameter, "several associations of yours have this vehicle: give the carAssociationID")
}

// reset begins an activation of the caller again. One that was just reset is
// not reset once more, and one that was cancelled only as long as its
// association is the caller's.
func (e *Engine) reset(ctx context.Context, caller *steps.Caller, a *steps.Activation, step string) (*steps.Activation, error) {
	if a.State == steps.StateCancelled {
		_, err := e.resolve(ctx, caller, &StepsRequest{CarAssociationID: a.Association})
		if errors.Is(err, steps.ErrInvalid) {
			return nil, &steps.Error{Code: steps.CodeRefused, Detail: "the activation was cancelled, and its association is no longer yours"}
		}
		if err != nil {
			return nil, err
		}
	}
	ev := &steps.Event{Kind: steps.Reset, StepsID: a.StepsID}
	if step != "" {
		ev.Steps = []string{step}
		if m, err := e.machineOf(a); err != nil {
			return nil, err
		} else if m.plan.Index(step) < 0 {
			return nil, steps.Invalid("step", "the plan of this activation has no such step")
		}
	}
	o := &op{event: ev, caller: caller}
	after, err := e.call(ctx, o, a.Revision)
	switch {
	case err != nil:
		return nil, err
	case o.verdict.Reason == steps.IsCancelled, o.verdict.Reason == steps.IsExpired:
		return nil, errOver
	case o.verdict.Reason == steps.Exhausted:
		return nil, &steps.Error{Code: steps.CodeRefused, Detail: "the history of this activation is full: only an operator can reset it"}
	}
	return after, nil
}

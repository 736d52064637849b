package engine

import (
	"context"
	"errors"
	"slices"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// StepsRequest asks for a list of steps. Exactly one of its first three members
// is set.
type StepsRequest struct {
	CarAssociationID string
	VIN              string
	StepsID          steps.ID
	Filter           steps.Filter // zero: all
	Reset            bool         // begin again: keeps the stepsID, raises the epoch
}

// Steps returns the list of steps of an activation (contract, section 2). By
// association or VIN it creates the activation on first use; otherwise nothing
// changes, but for the reset where it is asked for.
//
// The caller needs the right Ask. ErrNotFound: there is no such stepsID for
// this caller. ErrInvalid: the association is none of the caller's, or the
// vehicle has several. ErrRefused: an operator cancelled the activation; a
// reset begins again.
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
		if a, err = e.reset(ctx, &caller, a); err != nil {
			return steps.List{}, err
		}
	}
	return e.list(a, req.Filter)
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

// findOrCreate returns the activation of an association on the caller's device.
func (e *Engine) findOrCreate(ctx context.Context, caller *steps.Caller, association steps.Association) (*steps.Activation, bool, error) {
	binding := steps.Binding{Association: association.ID, User: caller.User, Device: caller.Device}
	for range maxAttempts {
		found, err := e.store.Find(ctx, binding)
		if err == nil {
			return &found, false, nil
		}
		if !errors.Is(err, store.ErrNotFound) {
			return nil, false, failure(err)
		}
		a, err := e.create(ctx, caller, binding, association)
		if err == nil {
			return a, true, nil
		}
		if !errors.Is(err, store.ErrExists) && !errors.Is(err, store.ErrConflict) {
			return nil, false, failure(err)
		}
	}
	return nil, false, errContended
}

// create makes an activation, or fails with ErrExists where somebody else made
// one of this binding or of the ID drawn.
func (e *Engine) create(ctx context.Context, caller *steps.Caller, binding steps.Binding, association steps.Association) (*steps.Activation, error) {
	plan, ok := e.plans.Latest(association.Service)
	if !ok {
		return nil, &steps.Error{Code: steps.CodeUnknown, Err: errors.New("no plan for the association's service " + association.Service)}
	}
	m := e.machines[planKey{plan.Service, plan.Version}]
	now := e.now()
	a, entry := m.create(e.ids.draw(now), binding, association.VIN, caller, now)
	s := &slot{id: a.StepsID, machine: m}
	o := &op{slot: s, create: &store.Change{Activation: a, Entries: []steps.Entry{entry}}}
	gaveUp := e.committer.do(ctx, o)
	if err := o.answer(gaveUp); err != nil {
		return nil, err
	}
	e.cache.put(s)
	return o.after, nil
}

// reset begins an activation of the caller again. One that was just reset is
// not reset once more, and one that was cancelled only as long as its
// association is the caller's.
func (e *Engine) reset(ctx context.Context, caller *steps.Caller, a *steps.Activation) (*steps.Activation, error) {
	if a.State == steps.StateCancelled {
		_, err := e.resolve(ctx, caller, &StepsRequest{CarAssociationID: a.Association})
		if errors.Is(err, steps.ErrInvalid) {
			return nil, &steps.Error{Code: steps.CodeRefused, Detail: "the activation was cancelled, and its association is no longer yours"}
		}
		if err != nil {
			return nil, err
		}
	}
	o := &op{event: &steps.Event{Kind: steps.Reset, StepsID: a.StepsID}, caller: caller}
	e.judge(ctx, []*op{o})
	switch {
	case o.err != nil:
		return nil, o.err
	case o.verdict.Reason == steps.UnknownActivation:
		return nil, steps.ErrNotFound
	case o.verdict.Outcome == steps.Refused:
		return nil, &steps.Error{Code: steps.CodeRefused, Detail: "the history of this activation is full: only an operator can reset it"}
	}
	return o.after, nil
}

// list returns what a device may see of its activation.
func (e *Engine) list(a *steps.Activation, filter steps.Filter) (steps.List, error) {
	if a.State == steps.StateCancelled {
		return steps.List{}, &steps.Error{Code: steps.CodeRefused, Detail: "the activation was cancelled: ask for the list with resetSteps to begin again"}
	}
	return e.view(a, filter)
}

func (e *Engine) view(a *steps.Activation, filter steps.Filter) (steps.List, error) {
	m, err := e.machineOf(a)
	if err != nil {
		return steps.List{}, err
	}
	return steps.List{Activation: *a, Items: m.plan.Items(a, filter)}, nil
}

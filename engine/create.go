package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

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
		if err := e.eligible(ctx, association); err != nil {
			return nil, false, err
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
// one of this binding or of the ID drawn, and with ErrConflict where what is
// proven elsewhere changed meanwhile.
func (e *Engine) create(ctx context.Context, caller *steps.Caller, binding steps.Binding, association steps.Association) (*steps.Activation, error) {
	plan, ok := e.plans.Latest(association.Service)
	if !ok {
		return nil, &steps.Error{Code: steps.CodeUnknown, Err: errors.New("no plan for the association's service " + association.Service)}
	}
	if association.VIN == "" && slices.ContainsFunc(plan.Steps, func(s steps.Step) bool { return s.Scope == steps.ScopeUserVehicle }) {
		return nil, &steps.Error{Code: steps.CodeServer, Detail: "the association names no vehicle, and a step is proven for one"}
	}
	m := e.machines[planKey{plan.Service, plan.Version}]
	identity := steps.Activation{Binding: binding, Service: plan.Service, VIN: association.VIN, Salt: newSalt()}
	identity.StepsID = e.ids.draw(e.now())
	var d draft
	err := e.informed(ctx, func(known *facts) needs {
		a := identity
		d = m.create(&a, caller, known, e.now())
		return d.needs
	})
	if err != nil {
		return nil, err
	}
	return e.commitNew(ctx, &d)
}

// commitNew makes a new activation durable.
func (e *Engine) commitNew(ctx context.Context, d *draft) (*steps.Activation, error) {
	s := &slot{id: d.a.StepsID, machine: d.m}
	o := &op{slot: s, create: &store.Change{
		Rests: d.rests, Activation: *d.a, Entries: d.entries, Proven: d.proven, Withdrawn: d.withdrawn,
	}}
	gaveUp := e.committer.do(ctx, o)
	if err := o.answer(gaveUp); err != nil {
		return nil, err
	}
	e.cache.put(s)
	return o.after, nil
}

// eligible returns why no activation may be made for an association, or nil.
func (e *Engine) eligible(ctx context.Context, a steps.Association) error {
	if e.eligibility == nil {
		return nil
	}
	why, err := within(ctx, e.checkTimeout, func(ctx context.Context) (string, error) {
		return e.eligibility.Eligible(ctx, a)
	})
	switch {
	case err != nil:
		return checkerFailure(err)
	case why != "":
		return &steps.Error{Code: steps.CodeRefused, Detail: "not eligible: " + why}
	}
	return nil
}

func newSalt() (salt steps.Salt) {
	_, _ = rand.Read(salt[:]) // never fails, by its contract
	return salt
}

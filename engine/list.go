package engine

import (
	"context"
	"time"

	"github.com/stepgate/stepgate/steps"
)

var errOver = &steps.Error{Code: steps.CodeRefused, Detail: "the activation was cancelled, or took longer than its plan allows: ask for the list with resetSteps to begin again"}

// list returns what a device may see of its activation, after taking over what
// was proven through others meanwhile.
func (e *Engine) list(ctx context.Context, caller *steps.Caller, a *steps.Activation, filter steps.Filter) (steps.List, error) {
	a, err := e.look(ctx, caller, a)
	if err != nil {
		return steps.List{}, err
	}
	now := e.now()
	shown, err := e.view(a, filter, now)
	if err != nil {
		return steps.List{}, err
	}
	if err := e.barred(ctx, &shown.Activation, now); err != nil {
		return steps.List{}, err
	}
	return shown, nil
}

// look takes over what is proven through other activations, where there is
// anything.
func (e *Engine) look(ctx context.Context, caller *steps.Caller, a *steps.Activation) (*steps.Activation, error) {
	m, err := e.machineOf(a)
	if err != nil {
		return nil, err
	}
	o, now := &op{event: &steps.Event{Kind: kindLook, StepsID: a.StepsID}, caller: caller}, e.now()
	d := m.decide(a, &past{}, o.event, caller, &o.facts, now)
	if len(d.needs.evidence) == 0 {
		return a, nil
	}
	proven, _, err := e.recall(ctx, d.needs.evidence, nil)
	if err != nil {
		return nil, failure(err)
	}
	for i := range proven {
		if proven[i].Counts(now) {
			return e.call(ctx, o, a.Revision)
		}
	}
	return a, nil
}

// barred returns why a device is to be turned away in the present state, or
// nil.
func (e *Engine) barred(ctx context.Context, a *steps.Activation, now time.Time) error {
	m, err := e.machineOf(a)
	if err != nil {
		return err
	}
	if a.State == steps.StateCancelled || a.State == steps.StateExpired {
		return errOver
	}
	if m.revokedDevice(a) >= 0 {
		return &steps.Error{Code: steps.CodeNoDevice, Detail: "the device was revoked: ask for the list with resetSteps to begin again"}
	}
	t, err := e.spent(ctx, m, a, now)
	if t != nil {
		return &steps.Error{Code: steps.CodeBlocked, Detail: "too many attempts failed", RetryAt: opens(t)}
	}
	return err
}

// spent returns the tally of the step that is next, where its budget is spent,
// or nil.
func (e *Engine) spent(ctx context.Context, m *machine, a *steps.Activation, now time.Time) (*steps.Tally, error) {
	step := m.index[a.State]
	if step >= len(m.plan.Steps) || !m.plan.Steps[step].Budget.Counts() {
		return nil, nil
	}
	_, counted, err := e.recall(ctx, nil, []steps.Subject{m.plan.Subject(step, a)})
	if err != nil {
		return nil, failure(err)
	}
	if !counted[0].Locked(now) {
		return nil, nil
	}
	return &counted[0], nil
}

// view returns an activation with the steps that a filter lets through, as they
// are at a time: what fell due by then counts, whether or not it is recorded.
func (e *Engine) view(a *steps.Activation, filter steps.Filter, now time.Time) (steps.List, error) {
	if a.State == steps.StateErased {
		return steps.List{Activation: *a}, nil
	}
	m, err := e.machineOf(a)
	if err != nil {
		return steps.List{}, err
	}
	list := steps.List{Activation: *m.at(a, now)}
	list.Items = m.plan.Items(&list.Activation, filter)
	list.Salt = steps.Salt{} // nobody's to see
	return list, nil
}

// at returns an activation as it is at a time, at the revision that is recorded.
func (m *machine) at(a *steps.Activation, now time.Time) *steps.Activation {
	due := a.Due()
	if due.IsZero() || now.Before(due) {
		return a
	}
	d := m.decide(a, &past{}, &steps.Event{Kind: kindSettle}, &steps.Caller{}, &facts{}, now)
	d.after.Revision, d.after.Hash = a.Revision, a.Hash
	return d.after
}

// revokedDevice returns the place of a step for the user on the device that an
// operator revoked, or none.
func (m *machine) revokedDevice(a *steps.Activation) int {
	for i := range a.Proofs {
		if a.Proofs[i].Revoked && m.plan.Steps[i].Scope == steps.ScopeUserDevice {
			return i
		}
	}
	return none
}

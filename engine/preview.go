package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Effect is what other plans mean for an activation.
type Effect string

// The effects.
const (
	Kept     Effect = "kept"     // it stays on its version
	Moves    Effect = "moved"    // to the newest version, with what is proven
	Relocked Effect = "relocked" // it moves, and what was unlocked is locked again
	Stranded Effect = "stranded" // its version is gone, and nothing could move it any more
)

// Move is what other plans mean for one activation.
type Move struct {
	StepsID       steps.ID
	Service       string
	Effect        Effect
	From, To      uint32 // versions of the plan
	Before, After steps.State
}

// Preview says what other plans mean for up to limit activations (zero: 100)
// with an ID above after, and changes nothing. An activation moves where the
// newest version of its plan takes over. Next is where to go on, zero at the
// end. The caller needs the right Operate. ErrInvalid: plans have other steps
// under a version that the engine has too.
func (e *Engine) Preview(ctx context.Context, caller steps.Caller, plans steps.Catalog, after steps.ID, limit int) (moves []Move, next steps.ID, err error) {
	if err := permit(&caller, steps.Operate); err != nil {
		return nil, 0, err
	}
	if err := e.inPlace(plans); err != nil {
		return nil, 0, err
	}
	machines, err := compileAll(plans)
	if err != nil {
		return nil, 0, err
	}
	limit, err = pageLimit(limit)
	if err != nil {
		return nil, 0, err
	}
	found, err := e.List(ctx, caller, store.Query{After: after, Limit: limit})
	if err != nil {
		return nil, 0, err
	}
	for i := range found {
		a := &found[i]
		if a.State == steps.StateErased {
			continue
		}
		latest, _ := plans.Latest(a.Service)
		move, err := e.preview(ctx, &caller, machines[planKey{a.Service, a.Plan}], &latest, a)
		if err != nil {
			return nil, 0, err
		}
		moves = append(moves, move)
	}
	if len(found) == limit {
		next = found[limit-1].StepsID
	}
	return moves, next, nil
}

// preview says what the latest version means for an activation, whose own
// version has the machine m, or none.
func (e *Engine) preview(ctx context.Context, caller *steps.Caller, m *machine, latest *steps.Plan, a *steps.Activation) (Move, error) {
	move := Move{
		StepsID: a.StepsID, Service: a.Service, Effect: Kept,
		From: a.Plan, To: a.Plan, Before: a.State, After: a.State,
	}
	switch {
	case m == nil || len(m.plan.Steps) != len(a.Proofs):
		move.Effect = Stranded
		return move, nil
	case a.Plan >= latest.Version || !latest.TakeOver:
		return move, nil
	}
	ev := &steps.Event{Kind: steps.Moved, StepsID: a.StepsID, Plan: latest.Version}
	var d decision
	err := e.informed(ctx, func(known *facts) needs {
		d = m.decide(a, &past{}, ev, caller, known, e.now())
		return d.needs
	})
	if err != nil {
		return move, err
	}
	move.Effect, move.To, move.After = Moves, latest.Version, d.after.State
	if a.State == steps.StateActivated && move.After != a.State {
		move.Effect = Relocked
	}
	return move, nil
}

// inPlace returns which version of a plan was changed in place, or nil: records
// hold proofs by their places, and histories are replayed by it.
func (e *Engine) inPlace(plans steps.Catalog) error {
	for _, plan := range plans.Plans() {
		own := e.machines[planKey{plan.Service, plan.Version}]
		if own != nil && !sameSteps(&own.plan, &plan) {
			return steps.Invalid("plan", fmt.Sprintf("version %d of %s is not the one in use (its steps, scopes, times to live or deadline): make it a new version", plan.Version, plan.Service))
		}
	}
	return nil
}

func sameSteps(a, b *steps.Plan) bool {
	return a.Deadline == b.Deadline && slices.EqualFunc(a.Steps, b.Steps, func(a, b steps.Step) bool {
		return a.Name == b.Name && a.Scope == b.Scope && a.TTL == b.TTL
	})
}

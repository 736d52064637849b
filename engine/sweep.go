package engine

import (
	"context"
	"slices"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Sweep records what fell due without an event (proofs, held completions and
// activations that lasted no longer), so that it is told, and returns of how
// many activations. Reads tell the same without it. Any number of engines may
// sweep one store at once: nothing is told twice.
//
// The caller needs the right Operate. Call it every few seconds; where nothing
// is due it costs one read. What cannot be judged is left for the next call, and
// the error says why for one of them.
func (e *Engine) Sweep(ctx context.Context, caller steps.Caller) (told int, failed error) {
	if err := permit(&caller, steps.Operate); err != nil {
		return 0, err
	}
	stuck := make(map[steps.ID]bool)
	for {
		due, err := e.store.Due(ctx, e.now(), store.MaxLimit+len(stuck))
		if err != nil {
			return told, failure(err)
		}
		due = slices.DeleteFunc(due, func(id steps.ID) bool { return stuck[id] })
		if len(due) == 0 {
			return told, failed
		}
		ops := make([]*op, len(due))
		for i, id := range due {
			ops[i] = &op{event: &steps.Event{Kind: kindSettle, StepsID: id}, caller: &caller}
		}
		e.judge(ctx, ops)
		for _, o := range ops {
			if o.err == nil && o.added > 0 {
				told++
				continue
			}
			stuck[o.event.StepsID] = true
			if o.err != nil {
				failed = o.err
			}
			e.cache.forget(o.event.StepsID) // it may be older than what is due: another replica moved it on
		}
	}
}

package engine

import (
	"context"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Sweep records what fell due without an event (proofs, held completions and
// activations that lasted no longer), so that it is told, and returns of how
// many activations. Reads tell the same without it. Any number of engines may
// sweep one store at once: nothing is told twice.
//
// The caller needs the right Operate. Call it every few seconds; where nothing
// is due it costs one read. An error leaves the rest for the next call.
func (e *Engine) Sweep(ctx context.Context, caller steps.Caller) (told int, err error) {
	if err := permit(&caller, steps.Operate); err != nil {
		return 0, err
	}
	for {
		due, err := e.store.Due(ctx, e.now(), store.MaxLimit)
		if err != nil {
			return told, failure(err)
		}
		ops := make([]*op, len(due))
		for i, id := range due {
			ops[i] = &op{event: &steps.Event{Kind: kindSettle, StepsID: id}, caller: &caller}
		}
		e.judge(ctx, ops)
		settled := 0
		for _, o := range ops {
			switch {
			case o.err != nil:
				err = o.err
			case o.added > 0:
				settled++
			}
		}
		if told += settled; err != nil || settled == 0 {
			return told, err
		}
	}
}

package engine

import (
	"context"

	"github.com/stepgate/stepgate/steps"
)

// call judges what a call, not an event, asks of an activation that was just
// read at a revision. What records nothing no compare-and-swap settles: where
// the cache was older than what was read, it is judged again.
func (e *Engine) call(ctx context.Context, o *op, read uint32) (*steps.Activation, error) {
	for {
		e.judge(ctx, []*op{o})
		switch {
		case o.err != nil:
			return nil, o.err
		case o.verdict.Reason == steps.UnknownActivation:
			return nil, steps.ErrNotFound // erased meanwhile
		case o.after.Revision >= read:
			return o.after, nil
		}
		e.cache.drop(o.slot)
		*o = op{event: o.event, caller: o.caller}
	}
}

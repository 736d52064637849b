package engine

import (
	"context"
	"errors"
	"slices"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Result is what became of one event of a batch: its verdict, or why it has
// none.
type Result struct {
	Verdict steps.Verdict
	Err     error
}

// Handle judges an event and returns its verdict when that is durable. An event
// that was judged before gets the verdict that it got then (contract, section
// 3, Once).
//
// A refusal is a verdict, not an error. ErrMissing and ErrInvalid: the event
// can never be judged. ErrForbidden: the caller may not tell it. ErrTimeout and
// ErrUnavailable: it may or may not have been judged; send it again.
func (e *Engine) Handle(ctx context.Context, caller steps.Caller, ev steps.Event) (steps.Verdict, error) {
	if err := admit(&caller, &ev); err != nil {
		return steps.Verdict{}, err
	}
	o := &op{event: &ev, caller: &caller}
	e.judge(ctx, []*op{o})
	e.spread(ctx, o)
	return o.verdict, o.err
}

// HandleBatch judges events as Handle does, those of one activation in their
// order, with as few durable writes as the store can do. Results stand in the
// order of the events. One that fails does not keep the others from their
// verdicts, but for later ones of its activation where its own is not known:
// these get its error, so that nothing overtakes it.
func (e *Engine) HandleBatch(ctx context.Context, caller steps.Caller, events []steps.Event) []Result {
	results := make([]Result, len(events))
	failed := make(map[steps.ID]error)
	for start, end := 0, 0; start < len(events); start = end {
		end = min(start+batchSize, len(events))
		if i := slices.IndexFunc(events[start:end], isRevocation); i >= 0 {
			end = start + i + 1 // it spreads before what comes behind it is judged
		}
		e.handleChunk(ctx, &caller, events[start:end], results[start:end], failed)
	}
	return results
}

func isRevocation(ev steps.Event) bool { return ev.Kind == steps.Revoked }

// batchSize is up to how many events of one call are judged in one write.
const batchSize = 1024

func (e *Engine) handleChunk(ctx context.Context, caller *steps.Caller, events []steps.Event, results []Result, failed map[steps.ID]error) {
	space := make([]op, len(events))
	ops := make([]*op, 0, len(events))
	for i := range events {
		ev := &events[i]
		if err := admit(caller, ev); err != nil {
			results[i].Err = err
		} else if results[i].Err = failed[ev.StepsID]; results[i].Err == nil {
			space[i] = op{event: ev, caller: caller}
			ops = append(ops, &space[i])
		}
	}
	e.judge(ctx, ops)
	for i := range space {
		o := &space[i]
		if o.event == nil {
			continue
		}
		e.spread(ctx, o)
		results[i] = Result{o.verdict, o.err}
		if o.err != nil && !errors.Is(o.err, steps.ErrForbidden) { // whose verdict nobody knows
			failed[o.event.StepsID] = o.err
		}
	}
}

// maxAttempts is how often a decision is made again because another replica
// moved the activation on meanwhile.
const maxAttempts = 100

var errContended = &steps.Error{Code: steps.CodeTimeout, Detail: "too many others move this activation: send it again"}

// judge has the events of ops judged, again as often as somebody else moved an
// activation on meanwhile, or facts are lacking. Afterwards each op has its
// verdict or its err.
func (e *Engine) judge(ctx context.Context, ops []*op) {
	for attempts := 0; len(ops) > 0 && attempts < maxAttempts; {
		var gaveUp error
		contended := false
		if ready := e.attach(ctx, ops); len(ready) > 0 {
			gaveUp = e.committer.do(ctx, ready...)
		}
		var again, unsure []*op
		var ahead map[steps.ID]bool // whose earlier op is not asked again
		if len(ops) > 1 {
			ahead = make(map[steps.ID]bool, len(ops))
		}
		for _, o := range ops {
			switch err := o.answer(gaveUp); {
			case err == nil:
				if ahead != nil {
					ahead[o.event.StepsID] = true
				}
			case errors.Is(err, store.ErrConflict):
				contended = true
				o.facts.forget()
				again = append(again, o)
			case err == errNeeds:
				if ahead[o.event.StepsID] {
					o.facts.forget() // it may have changed them
				}
				again = append(again, o)
			case err == errForbidden && !o.fresh: // no compare-and-swap settles what is not recorded
				e.cache.forget(o.event.StepsID)
				o.err, o.work, o.fresh = nil, nil, true
				again = append(again, o)
			case o.err == nil && o.work != nil && gaveUp == nil:
				unsure = append(unsure, o)
				if ahead != nil {
					ahead[o.event.StepsID] = true
				}
			default:
				o.fail(err)
			}
		}
		ops = e.learn(ctx, again, e.settle(ctx, unsure))
		if contended {
			attempts++
		}
	}
	for _, o := range ops {
		o.fail(errContended)
	}
}

// settle gives verdicts to ops of which the store could not say whether they
// are durable. The history is asked for their events: never is it guessed.
func (e *Engine) settle(ctx context.Context, ops []*op) (failed map[steps.ID]error) {
	if len(ops) == 0 {
		return nil
	}
	failed = make(map[steps.ID]error)
	ids := make([]steps.ID, len(ops))
	for i, o := range ops {
		ids[i] = o.slot.id
	}
	pasts, err := e.store.History(ctx, ids)
	for i, o := range ops {
		var entry *steps.Entry
		if err == nil {
			entry = o.recorded(pasts[i])
		}
		if entry == nil {
			o.fail(o.work.err)
			failed[o.slot.id] = o.err
			continue
		}
		o.verdict, o.err, o.work = entry.Verdict(o.slot.id), nil, nil
	}
	return failed
}

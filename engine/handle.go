package engine

import (
	"context"
	"errors"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// rights says what a caller needs to tell an event of a kind. A device, which
// may only ask, can tell none (contract, section 3, Honest).
var rights = map[steps.Kind]steps.Rights{
	steps.Completed: steps.Report,
	steps.Failed:    steps.Report,
	steps.Reset:     steps.Report,
	steps.Cancelled: steps.Operate,
}

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
	o, err := e.judge(ctx, &caller, &ev)
	if err != nil {
		return steps.Verdict{}, err
	}
	return o.verdict, nil
}

// HandleBatch judges events as Handle does, in their order, with as few durable
// writes as the store can do. Results stand in the order of the events; one
// that fails does not keep the others from their verdicts.
func (e *Engine) HandleBatch(ctx context.Context, caller steps.Caller, events []steps.Event) []Result {
	results := make([]Result, len(events))
	for start := 0; start < len(events); start += batchSize {
		end := min(start+batchSize, len(events))
		e.handleChunk(ctx, &caller, events[start:end], results[start:end])
	}
	return results
}

// batchSize is up to how many events of one call are judged in one write.
const batchSize = 1024

func (e *Engine) handleChunk(ctx context.Context, caller *steps.Caller, events []steps.Event, results []Result) {
	waiting := make([]int, 0, len(events))
	for i := range events {
		if results[i].Err = admit(caller, &events[i]); results[i].Err == nil {
			waiting = append(waiting, i)
		}
	}
	for attempt := 0; len(waiting) > 0; attempt++ {
		again := waiting[:0]
		ops, err := e.judgeOnce(ctx, caller, events, waiting)
		for n, i := range waiting {
			switch {
			case err != nil:
				results[i].Err = err
			case errors.Is(ops[n].err, store.ErrConflict) && attempt < maxAttempts:
				again = append(again, i)
			default:
				results[i].Verdict, results[i].Err = e.settle(ctx, ops[n])
			}
		}
		waiting = again
	}
}

// maxAttempts is how often a decision is made again because somebody else moved
// the activation on: each time, that somebody got further.
const maxAttempts = 100

var errContended = &steps.Error{Code: steps.CodeTimeout, Detail: "too many others move this activation: send it again"}

// admit returns why an event of this caller is not judged at all.
func admit(caller *steps.Caller, ev *steps.Event) error {
	if err := ev.Validate(); err != nil {
		return err
	}
	return require(*caller, rights[ev.Kind])
}

func require(caller steps.Caller, needs steps.Rights) error {
	if !caller.May(needs) {
		return &steps.Error{Code: steps.CodeForbidden, Detail: "your token has not the right for this call"}
	}
	return nil
}

// judge has one event judged.
func (e *Engine) judge(ctx context.Context, caller *steps.Caller, ev *steps.Event) (*op, error) {
	for range maxAttempts {
		ops, err := e.judgeOnce(ctx, caller, []steps.Event{*ev}, []int{0})
		if err != nil {
			return nil, err
		}
		if !errors.Is(ops[0].err, store.ErrConflict) {
			ops[0].verdict, err = e.settle(ctx, ops[0])
			return ops[0], err
		}
	}
	return nil, errContended
}

// judgeOnce has those of events judged whose places are given, in one batch.
// An op whose activation is unknown has its verdict without it.
func (e *Engine) judgeOnce(ctx context.Context, caller *steps.Caller, events []steps.Event, places []int) ([]*op, error) {
	ids := make([]steps.ID, len(places))
	for n, i := range places {
		ids[n] = events[i].StepsID
	}
	slots, err := e.slots(ctx, ids)
	if err != nil {
		return nil, err
	}
	space := make([]op, len(places))
	ops := make([]*op, len(places))
	known := make([]*op, 0, len(places))
	for n, i := range places {
		o := &space[n]
		*o = op{slot: slots[n], event: &events[i], caller: caller}
		ops[n] = o
		if o.slot != nil {
			known = append(known, o)
			continue
		}
		o.verdict = steps.Verdict{
			Source: o.event.Key.Source, ID: o.event.Key.ID, StepsID: o.event.StepsID,
			Outcome: steps.Refused, Reason: steps.UnknownActivation,
		}
	}
	if len(known) == 0 {
		return ops, nil
	}
	if err := e.committer.do(ctx, known...); err != nil {
		return nil, failure(err)
	}
	return ops, nil
}

// settle returns an op's verdict. Where the store could not say whether the
// change is durable, the history is asked for the event: never is it guessed.
func (e *Engine) settle(ctx context.Context, o *op) (steps.Verdict, error) {
	if o.err == nil {
		return o.verdict, nil
	}
	if o.event.Key != (steps.EventKey{}) {
		if pasts, err := e.store.History(ctx, []steps.ID{o.slot.id}); err == nil {
			for i := range pasts[0] {
				if entry := &pasts[0][i]; entry.Tells(o.event) {
					return entry.Verdict(o.slot.id), nil
				}
			}
		}
	}
	return steps.Verdict{}, failure(o.err)
}

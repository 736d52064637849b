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
	o := &op{event: &ev, caller: &caller}
	if err := e.judge(ctx, []*op{o}); err != nil {
		return steps.Verdict{}, err
	}
	return e.settle(ctx, o)
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
	space := make([]op, len(events))
	waiting := make([]*op, 0, len(events))
	for i := range events {
		if results[i].Err = admit(caller, &events[i]); results[i].Err == nil {
			space[i] = op{event: &events[i], caller: caller}
			waiting = append(waiting, &space[i])
		}
	}
	err := e.judge(ctx, waiting)
	for i := range space {
		switch o := &space[i]; {
		case o.event == nil: // not admitted
		case err != nil:
			results[i].Err = err
		default:
			results[i].Verdict, results[i].Err = e.settle(ctx, o)
		}
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
	return permit(*caller, rights[ev.Kind])
}

func permit(caller steps.Caller, needs steps.Rights) error {
	if !caller.May(needs) {
		return &steps.Error{Code: steps.CodeForbidden, Detail: "your token has not the right for this call"}
	}
	return nil
}

// judge has the events of ops judged, again as often as somebody else moved an
// activation on meanwhile. An error is about all of them.
func (e *Engine) judge(ctx context.Context, ops []*op) error {
	for range maxAttempts {
		if attached := e.attach(ctx, ops); len(attached) > 0 {
			if err := e.committer.do(ctx, attached...); err != nil {
				return failure(err)
			}
		}
		var again []*op
		for _, o := range ops {
			if errors.Is(o.failed(), store.ErrConflict) {
				o.err, o.work = nil, nil
				again = append(again, o)
			}
		}
		if ops = again; len(ops) == 0 {
			return nil
		}
	}
	for _, o := range ops {
		o.err = errContended
	}
	return nil
}

// settle returns an op's verdict. Where the store could not say whether the
// change is durable, the history is asked for the event: never is it guessed.
func (e *Engine) settle(ctx context.Context, o *op) (steps.Verdict, error) {
	failed := o.failed()
	if failed == nil {
		return o.verdict, nil
	}
	if o.event.Key != (steps.EventKey{}) {
		if pasts, err := e.store.History(ctx, []steps.ID{o.event.StepsID}); err == nil {
			for i := range pasts[0] {
				if entry := &pasts[0][i]; entry.Tells(o.event) {
					return entry.Verdict(o.event.StepsID), nil
				}
			}
		}
	}
	return steps.Verdict{}, failure(failed)
}

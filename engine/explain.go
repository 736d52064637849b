package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// Explanation says where an activation stands and what can move it on
// (contract, section 4).
type Explanation struct {
	StepsID  steps.ID
	State    steps.State
	Since    time.Time
	Until    time.Time // when it changes by itself; zero: never
	Blocks   string    // what blocks it, in a sentence; "": nothing does
	Unblocks []Remedy  // any of which moves it on
	Who      Who       // must act
	RetryAt  time.Time // the earliest time to try again; zero: now, or an operator must act first
}

// Remedy is an event that moves an activation on.
type Remedy struct {
	Type string // of the event
	Step string // that it names; "": none
}

// Who must act.
type Who string

// Those who may have to act.
const (
	Nobody   Who = "nobody"
	TheUser  Who = "user"     // takes the step, and the service behind it reports that
	Device   Who = "device"   // asks for the list with resetSteps
	Operator Who = "operator" // has the right operate
)

// Explain says what blocks an activation, what unblocks it, and who must act.
// Who may ask is as with Show.
func (e *Engine) Explain(ctx context.Context, caller steps.Caller, id steps.ID) (Explanation, error) {
	a, err := e.visible(ctx, &caller, id)
	if err != nil {
		return Explanation{}, err
	}
	now := e.now()
	a, err = e.foresee(ctx, &caller, a, now)
	if err != nil {
		return Explanation{}, err
	}
	shown, err := e.view(a, steps.FilterTodo, now)
	if err != nil {
		return Explanation{}, err
	}
	x := Explanation{StepsID: id, State: shown.State, Since: shown.Since, Until: shown.Due()}
	switch shown.State {
	case steps.StateActivated:
		x.Who = Nobody
	case steps.StateErased:
		x.Blocks, x.Who = "What was personal of it was erased.", Nobody
	case steps.StateCancelled:
		x.again("An operator cancelled it.")
	case steps.StateExpired:
		x.again("It took longer than its plan allows.")
	default:
		err = e.explainStep(ctx, &x, &shown.Activation, now)
	}
	return x, err
}

// foresee returns an activation as its device will find it when it asks: with
// what is proven through others.
func (e *Engine) foresee(ctx context.Context, caller *steps.Caller, a *steps.Activation, now time.Time) (*steps.Activation, error) {
	if a.State == steps.StateErased {
		return a, nil
	}
	m, err := e.machineOf(a)
	if err != nil {
		return nil, err
	}
	var d decision
	err = e.informed(ctx, func(known *facts) needs {
		d = m.decide(a, &past{}, &steps.Event{Kind: kindLook}, caller, known, now)
		return d.needs
	})
	return d.after, err
}

// again explains what only a reset ends.
func (x *Explanation) again(blocks string) {
	x.Blocks, x.Who = blocks, Device
	x.Unblocks = []Remedy{{Type: steps.Reset.EventType()}}
}

// explainStep explains an activation that waits for a step.
func (e *Engine) explainStep(ctx context.Context, x *Explanation, a *steps.Activation, now time.Time) error {
	m, err := e.machineOf(a)
	if err != nil {
		return err
	}
	i := m.index[a.State]
	name := m.names[i]
	x.Who = TheUser
	x.Blocks = fmt.Sprintf("The step %s is to do.", name)
	x.Unblocks = []Remedy{{steps.Completed.EventType(), name}, {steps.Overridden.EventType(), name}}
	if a.Proofs[i].Revoked {
		x.Blocks = fmt.Sprintf("An operator revoked the step %s.", name)
	}
	if revoked := m.revokedDevice(a); revoked >= 0 {
		x.Blocks = fmt.Sprintf("An operator revoked the device: the step %s.", m.names[revoked])
		x.Who = Device
		x.Unblocks = []Remedy{{Type: steps.Reset.EventType()}, {steps.Completed.EventType(), m.names[revoked]}}
		return nil
	}
	t, err := e.spent(ctx, m, a, now)
	if t != nil {
		x.Blocks = fmt.Sprintf("Too many attempts at the step %s failed.", name)
		x.Unblocks = []Remedy{{steps.Unlocked.EventType(), name}, {steps.Overridden.EventType(), name}}
		x.RetryAt, x.Who = opens(t), TheUser
		if t.Spent {
			x.Who = Operator
		}
	}
	return err
}

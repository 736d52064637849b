package steps

import (
	"fmt"
	"time"
)

// State is where an activation stands: the name of the first step still to do,
// or one of the states below.
type State string

// The states that are no step.
const (
	StateActivated State = "activated" // every step is done: the service is unlocked
	StateCancelled State = "cancelled" // an operator called it off; a reset begins again
	StateExpired   State = "expired"   // it took longer than its plan allows; a reset begins again
	StateErased    State = "erased"    // what was personal of it was erased; for good
)

// Association is one user requesting one service for one vehicle. The
// embedding service owns it; the engine asks for it through a resolver.
type Association struct {
	ID      string // carAssociationID: opaque, never parsed
	User    string
	Service string
	VIN     string
}

// Binding is whom a stepsID serves: nobody else (contract, section 3, Bound).
// There is at most one activation a binding.
type Binding struct {
	Association string
	User        string
	Device      string
}

// Activation is the whole state of one activation at one revision.
type Activation struct {
	StepsID ID
	Binding
	Service  string
	VIN      string
	Plan     uint32    // version of the service's plan
	Created  time.Time // to the millisecond, UTC, as every time in a record
	State    State
	Since    time.Time        // when State was entered
	Epoch    uint32           // how often it was reset
	EpochAt  time.Time        // when the epoch began
	Deadline time.Time        // until when it is to be activated; zero: without end
	Revision uint32           // of the newest history entry; entries count 1, 2, 3, … without a gap
	Proofs   []Proof          // one a step, in the plan's order
	Held     []HeldCompletion // in the order in which they came
	Salt     Salt             // of the digests in its history
	Hash     Hash             // of the newest history entry: the head of the chain
}

// Proof says when a step was proven and which history entry says so. The zero
// value: it is not.
type Proof struct {
	At       time.Time // when it was proven, or revoked
	Until    time.Time // how long it counts; zero: without end
	Revision uint32
	Revoked  bool // an operator took it away
}

// Done reports whether the step is proven.
func (p Proof) Done() bool { return p.Revision != 0 && !p.Revoked }

// HeldCompletion is a completion that waits for its turn.
type HeldCompletion struct {
	Revision uint32 // of the history entry that holds it
	Steps    []string
	Until    time.Time
}

// Due returns when the activation next changes without an event: a proof counts
// no longer, a held completion is dropped, the deadline is over. Zero: never.
func (a *Activation) Due() time.Time {
	var due time.Time
	sooner := func(t time.Time) {
		if !t.IsZero() && (due.IsZero() || t.Before(due)) {
			due = t
		}
	}
	switch a.State {
	case StateErased, StateCancelled, StateExpired:
		return due
	case StateActivated:
	default:
		sooner(a.Deadline)
	}
	for i := range a.Proofs {
		sooner(a.Proofs[i].Until)
	}
	for i := range a.Held {
		sooner(a.Held[i].Until)
	}
	return due
}

// Status is a step's status in the API of the source text.
type Status string

// The two statuses.
const (
	Todo        Status = "todo"
	AlreadyDone Status = "alreadyDone"
)

// Item is a step in a list.
type Item struct {
	Name   string `json:"name"`
	Status Status `json:"status"`
	Order  int    `json:"order"` // the place in the list that the call returns, from 1
	Proof  Proof  `json:"-"`
	Origin Origin `json:"-"` // what proved it, where it is done; Engine.Show alone tells
}

// String returns what the API shows of the item, in the form of fmt.
func (i Item) String() string { return fmt.Sprintf("{%s %s %d}", i.Name, i.Status, i.Order) }

// List is an activation with its steps, of which a filter may have left some
// out.
type List struct {
	Activation
	Items []Item
}

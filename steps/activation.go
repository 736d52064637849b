package steps

import (
	"time"
)

// State is where an activation stands: the name of the first step still to do,
// or StateActivated, or StateCancelled.
type State string

// The states that are no step.
const (
	StateActivated State = "activated" // every step is done: the service is unlocked
	StateCancelled State = "cancelled" // an operator called it off; a reset begins again
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
	Since    time.Time // when State was entered
	Epoch    uint32    // how often it was reset
	EpochAt  time.Time // when the epoch began
	Revision uint32    // of the newest history entry; entries count 1, 2, 3, … without a gap
	Proofs   []Proof   // one a step, in the plan's order
	Hash     Hash      // of the newest history entry: the head of the chain
}

// Proof says when a step was proven and which history entry says so. The zero
// value: it is not.
type Proof struct {
	At       time.Time
	Revision uint32
}

// Done reports whether the step is proven.
func (p Proof) Done() bool { return p.Revision != 0 }

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
}

// List is an activation with its steps, of which a filter may have left some
// out.
type List struct {
	Activation
	Items []Item
}

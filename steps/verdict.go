package steps

import "time"

// Outcome is what became of an event.
type Outcome uint8

// The outcomes. Their numbers are persisted: append, never reorder.
const (
	Applied Outcome = 1
	Held    Outcome = 2
	Refused Outcome = 3
)

var outcomeNames = [...]string{Applied: "applied", Held: "held", Refused: "refused"}

// String returns the outcome's name, or "" for none of the above.
func (o Outcome) String() string {
	if int(o) >= len(outcomeNames) {
		return ""
	}
	return outcomeNames[o]
}

// MarshalText implements encoding.TextMarshaler.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (o *Outcome) UnmarshalText(text []byte) error {
	for i, name := range outcomeNames {
		if name != "" && name == string(text) {
			*o = Outcome(i)
			return nil
		}
	}
	return Invalid("outcome", "no such outcome")
}

// Refusal is why an event was refused.
type Refusal string

// The refusals.
const (
	OutOfOrder        Refusal = "outOfOrder"        // a step before it is still to do
	DoneAlready       Refusal = "alreadyDone"       // every step that it completes is done
	Stale             Refusal = "stale"             // told in an epoch that a reset has ended
	EpochAhead        Refusal = "epochAhead"        // told in an epoch that has not begun
	UnknownStep       Refusal = "unknownStep"       // the plan has no such step
	IsCancelled       Refusal = "cancelled"         // the activation is cancelled; a reset begins again
	Conflict          Refusal = "conflict"          // the same source and id came with another payload; not recorded
	UnknownActivation Refusal = "unknownActivation" // no such stepsID; not recorded
	Exhausted         Refusal = "exhausted"         // the history is full; not recorded

	Locked       Refusal = "locked"       // the failure budget of the step is spent
	NotConfirmed Refusal = "notConfirmed" // the checker says that the step is not proven
	NotProven    Refusal = "notProven"    // there is no proof to revoke
	HoldFull     Refusal = "holdFull"     // as many completions wait for their turn as may
	IsExpired    Refusal = "expired"      // the activation took longer than its plan allows; a reset begins again
	UnknownPlan  Refusal = "unknownPlan"  // the engine has no such version of the plan; not recorded
)

// Verdict is the engine's answer to one event.
type Verdict struct {
	Source    string    `json:"source"`
	ID        string    `json:"id"`
	StepsID   ID        `json:"stepsID"`
	Outcome   Outcome   `json:"outcome"`
	Reason    Refusal   `json:"reason,omitempty"`
	State     State     `json:"state,omitempty"` // after the event was judged
	Epoch     uint32    `json:"epoch"`
	Revision  uint32    `json:"revision"`       // of the history entry that says so; 0: not recorded
	Until     time.Time `json:"until,omitzero"` // Held: how long it waits; Locked: when the budget opens, absent where only an operator can
	Duplicate bool      `json:"duplicate"`      // the event had been judged before: this is that verdict
}

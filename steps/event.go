package steps

import (
	"slices"
	"time"
	"unicode"
	"unicode/utf8"
)

// Kind says what an event or a history entry tells.
type Kind uint8

// The kinds. Their numbers are persisted: append, never reorder.
const (
	Created   Kind = 1 // an activation was created; an entry alone, never an event
	Completed Kind = 2 // one or several consecutive steps were completed
	Failed    Kind = 3 // an attempt at a step failed
	Reset     Kind = 4 // all steps begin again, in a new epoch
	Cancelled Kind = 5 // an operator called the activation off
)

var kinds = [...]struct{ name, eventType string }{
	Created:   {"created", ""},
	Completed: {"completed", "stepgate.step.completed.v1"},
	Failed:    {"failed", "stepgate.step.failed.v1"},
	Reset:     {"reset", "stepgate.activation.reset.v1"},
	Cancelled: {"cancelled", "stepgate.activation.cancelled.v1"},
}

// String returns the kind's name, or "" for none of the above.
func (k Kind) String() string {
	if int(k) >= len(kinds) {
		return ""
	}
	return kinds[k].name
}

// EventType returns the kind's CloudEvents type, or "" where no event has it.
func (k Kind) EventType() string {
	if int(k) >= len(kinds) {
		return ""
	}
	return kinds[k].eventType
}

// KindOf returns the kind with a CloudEvents type, or 0.
func KindOf(eventType string) Kind {
	for k := range kinds {
		if eventType != "" && kinds[k].eventType == eventType {
			return Kind(k)
		}
	}
	return 0
}

// EventKey is an event's identity: who tells it, and under which id. Within
// one activation it has one verdict for ever (contract, section 3, Once).
type EventKey struct {
	Source string
	ID     string
}

// EventID makes an EventKey: EventID("sms", "e-1").
func EventID(source, id string) EventKey { return EventKey{source, id} }

// Event is a message from the outside.
type Event struct {
	Key     EventKey
	Kind    Kind
	StepsID ID
	Steps   []string  // for Completed and Failed: which, by name or alias
	Epoch   *uint32   // the epoch that it was told in, where the teller knows it
	Time    time.Time // when it happened, where the teller says so
	Actor   string    // who did it
	Reason  string    // why
}

// Completion returns the event that steps of an activation were completed.
func Completion(key EventKey, id ID, steps ...string) Event {
	return Event{Key: key, Kind: Completed, StepsID: id, Steps: steps}
}

// Limits on what an event may hold, in bytes.
const (
	MaxName   = 64   // a step or a service
	MaxText   = 256  // an identity, an actor
	MaxReason = 1024 // a reason
)

// Validate returns the first fault that keeps the event from being judged, as
// ErrMissing or ErrInvalid, or nil.
func (e *Event) Validate() error {
	switch {
	case e.Key.ID == "":
		return Missing("id", "an event has an id that is its source's own")
	case e.Key.Source == "":
		return Missing("source", "an event has a source: who tells it")
	case e.Kind.EventType() == "":
		return Invalid("type", "no such event type")
	case e.StepsID == 0:
		return Missing("subject", "an event's subject is the stepsID of the activation")
	case e.StepsID > MaxID:
		return Invalid("subject", "a stepsID lies between 1 and 2^53-1")
	}
	for _, f := range []struct {
		name, text string
		limit      int
	}{
		{"id", e.Key.ID, MaxText},
		{"source", e.Key.Source, MaxText},
		{"actor", e.Actor, MaxText},
		{"reason", e.Reason, MaxReason},
	} {
		if err := CheckText(f.name, f.text, f.limit); err != nil {
			return err
		}
	}
	return e.validateKind()
}

func (e *Event) validateKind() error {
	if (e.Kind == Reset || e.Kind == Cancelled) && len(e.Steps) > 0 {
		return Invalid("steps", "this event is about the whole activation: it names no step")
	}
	switch e.Kind {
	case Completed, Failed:
		if len(e.Steps) == 0 {
			return Missing("step", "say which step, as data.step or data.steps")
		}
		if len(e.Steps) > MaxSteps {
			return Invalid("steps", "a plan has at most 64 steps")
		}
		for i, name := range e.Steps {
			if err := CheckText("step", name, MaxName); err != nil {
				return err
			}
			if slices.Contains(e.Steps[:i], name) {
				return Invalid("steps", "a step stands twice")
			}
		}
	case Cancelled:
		if e.Actor == "" {
			return Missing("actor", "say who cancels, as data.actor")
		}
		if e.Reason == "" {
			return Missing("reason", "say why it is cancelled, as data.reason")
		}
	}
	return nil
}

// CheckText returns ErrInvalid where a text from the outside is longer than
// limit bytes, is not UTF-8, or holds a control character.
func CheckText(parameter, text string, limit int) error {
	switch {
	case len(text) > limit:
		return Invalid(parameter, "the text is too long")
	case !utf8.ValidString(text):
		return Invalid(parameter, "the text is not UTF-8")
	}
	for _, r := range text {
		if unicode.IsControl(r) {
			return Invalid(parameter, "the text holds a control character")
		}
	}
	return nil
}

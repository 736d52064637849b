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

	Overridden Kind = 6 // an operator declared a step done
	Revoked    Kind = 7 // an operator took the proof of a step away, for its whole subject
	Unlocked   Kind = 8 // an operator gave the failure budgets back
	Moved      Kind = 9 // the activation follows another version of its plan

	Inherited Kind = 10 // a step was found proven through another activation; an entry alone, as are the next
	Checked   Kind = 11 // a checker said that a step is proven
	Absorbed  Kind = 12 // the turn of a held completion came
	Dropped   Kind = 13 // a held completion is not waited for any more
	Expired   Kind = 14 // proofs, or the activation, lasted no longer
	Erased    Kind = 15 // what was personal was erased
)

var kinds = [...]struct{ name, eventType string }{
	Created:   {"created", ""},
	Completed: {"completed", "stepgate.step.completed.v1"},
	Failed:    {"failed", "stepgate.step.failed.v1"},
	Reset:     {"reset", "stepgate.activation.reset.v1"},
	Cancelled: {"cancelled", "stepgate.activation.cancelled.v1"},

	Overridden: {"overridden", "stepgate.step.overridden.v1"},
	Revoked:    {"revoked", "stepgate.step.revoked.v1"},
	Unlocked:   {"unlocked", "stepgate.activation.unlocked.v1"},
	Moved:      {"moved", "stepgate.activation.moved.v1"},

	Inherited: {"inherited", ""},
	Checked:   {"checked", ""},
	Absorbed:  {"absorbed", ""},
	Dropped:   {"dropped", ""},
	Expired:   {"expired", ""},
	Erased:    {"erased", ""},
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
	Steps   []string  // which, by name or alias; see Kind
	Epoch   *uint32   // the epoch that it was told in, where the teller knows it
	Time    time.Time // when it happened, where the teller says so
	Actor   string    // who did it; an operator's act needs one
	Reason  string    // why; an operator's act needs one
	Plan    uint32    // for Moved: the version to follow
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
	case e.Time.Year() < 0 || e.Time.Year() > 9999:
		return Invalid("time", "a year has four digits")
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

// namesSteps says how many steps an event of a kind names.
var namesSteps = map[Kind]struct{ least, most int }{
	Completed:  {1, MaxSteps}, // consecutive ones
	Failed:     {1, MaxSteps},
	Reset:      {0, 1}, // none: all of them
	Overridden: {1, 1},
	Revoked:    {1, 1},
	Unlocked:   {0, 1}, // none: all of them
}

// isOperators reports whether an event of a kind is an operator's act.
func (k Kind) isOperators() bool {
	switch k {
	case Cancelled, Overridden, Revoked, Unlocked, Moved:
		return true
	}
	return false
}

func (e *Event) validateKind() error {
	switch may := namesSteps[e.Kind]; {
	case len(e.Steps) < may.least:
		return Missing("step", "say which step, as data.step or data.steps")
	case may.most == 0 && len(e.Steps) > 0:
		return Invalid("steps", "this event is about the whole activation: it names no step")
	case may.most == 1 && len(e.Steps) > 1:
		return Invalid("steps", "this event names one step")
	case len(e.Steps) > may.most:
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
	switch {
	case e.Kind == Moved && e.Plan == 0:
		return Missing("plan", "say which version, as data.plan")
	case e.Kind != Moved && e.Plan != 0:
		return Invalid("plan", "only an activation that is moved names a plan")
	case e.Kind.isOperators() && e.Actor == "":
		return Missing("actor", "say who does it, as data.actor")
	case e.Kind.isOperators() && e.Reason == "":
		return Missing("reason", "say why, as data.reason")
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

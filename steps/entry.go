package steps

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"time"
)

// Entry is one line of an activation's history: who, by which channel, why,
// before, after, and by which event (contract, section 3, Told). An event that
// was refused has one too, so that it is refused the same way when it comes
// again.
type Entry struct {
	Revision uint32
	At       time.Time // when it was judged
	Kind     Kind
	Event    EventKey  // zero where a call, not an event, brought it
	Steps    []string  // as the event had them
	Claimed  *uint32   // the epoch that the event said it was told in
	Told     time.Time // when the event said it happened, or zero
	Actor    string    // who did it, as the event says
	Caller   string    // the user that brought it to the engine
	Channel  string    // how it came: "pims", "v1", "cli", …
	Comment  string    // the reason that the actor gave
	Outcome  Outcome
	Reason   Refusal
	Before   State
	After    State
	Epoch    uint32 // after it
	Hash     Hash   // over the entry and the Hash of the entry before it
}

// Verdict returns the verdict that the entry records.
func (e *Entry) Verdict(id ID) Verdict {
	return Verdict{
		Source: e.Event.Source, ID: e.Event.ID, StepsID: id,
		Outcome: e.Outcome, Reason: e.Reason, State: e.After, Epoch: e.Epoch, Revision: e.Revision,
	}
}

// Tells reports whether the entry records this event with this payload, the
// event's steps under their canonical names. The event's time is no part of
// it: a teller that sends again may stamp again.
func (e *Entry) Tells(ev *Event, canonical []string) bool {
	sameEpoch := (e.Claimed == nil) == (ev.Epoch == nil) && (ev.Epoch == nil || *ev.Epoch == *e.Claimed)
	return e.Event == ev.Key && e.Kind == ev.Kind && sameEpoch &&
		e.Actor == ev.Actor && e.Comment == ev.Reason && slices.Equal(e.Steps, canonical)
}

// Hash is the first half of a SHA-256: enough that nobody finds a second
// history with the same one.
type Hash [16]byte

// Chain returns the hash of the entry where prev is the hash of the entry
// before it (zero for the first). It covers every member but Hash.
func (e *Entry) Chain(prev Hash, id ID) Hash {
	var space [512]byte
	b := append(space[:0], 1) // version of this form
	b = append(b, prev[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(id))
	b = binary.BigEndian.AppendUint32(b, e.Revision)
	b = appendTime(b, e.At)
	b = append(b, byte(e.Kind), byte(e.Outcome))
	b = binary.BigEndian.AppendUint32(b, e.Epoch)
	b = appendTime(b, e.Told)
	if e.Claimed != nil {
		b = binary.BigEndian.AppendUint32(append(b, 1), *e.Claimed)
	} else {
		b = append(b, 0)
	}
	for _, text := range [...]string{
		e.Event.Source, e.Event.ID, e.Actor, e.Caller, e.Channel, e.Comment,
		string(e.Reason), string(e.Before), string(e.After),
	} {
		b = appendText(b, text)
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(e.Steps)))
	for _, step := range e.Steps {
		b = appendText(b, step)
	}
	sum := sha256.Sum256(b)
	return Hash(sum[:len(Hash{})])
}

func appendText(b []byte, text string) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(text)))
	return append(b, text...)
}

// appendTime appends milliseconds; the zero time has a number that no other
// has.
func appendTime(b []byte, t time.Time) []byte {
	ms := int64(math.MinInt64)
	if !t.IsZero() {
		ms = t.UnixMilli()
	}
	return binary.BigEndian.AppendUint64(b, uint64(ms))
}

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
//
// What may tell of a person stands in Payload, which an erasure takes away; the
// rest stays, and still verifies.
type Entry struct {
	Revision uint32
	At       time.Time // when it was judged
	Kind     Kind
	Outcome  Outcome
	Reason   Refusal // why it was refused, or dropped
	Before   State
	After    State
	Epoch    uint32    // after it
	Plan     uint32    // Created, Moved: the version of the plan from then on
	Of       uint32    // Absorbed, Dropped: the revision of the entry that holds the completion
	Until    time.Time // Held, Locked: as in the verdict; Inherited, Checked: how long the proof counts
	Payload
	Digest Hash // of the Payload, where that was erased; otherwise zero
	Hash   Hash // over the entry and the Hash of the entry before it
}

// Payload is what an entry tells of persons, or holds of their texts.
type Payload struct {
	Event   EventKey  // zero where a call, not an event, brought it
	Steps   []string  // as the event had them
	Claimed *uint32   // the epoch that the event said it was told in
	Told    time.Time // when the event said it happened, or zero
	Actor   string    // who did it, as the event says
	Caller  string    // the user that brought it to the engine
	Channel string    // how it came: "pims", "v1", "cli", …
	Comment string    // the reason that the actor gave
	Origin  Origin    // Inherited: where the step was proven
}

// Origin says where a step was proven.
type Origin struct {
	StepsID ID        // through which activation
	Event   EventKey  // by which event
	At      time.Time // when
}

// Verdict returns the verdict that the entry records.
func (e *Entry) Verdict(id ID) Verdict {
	v := Verdict{
		Source: e.Event.Source, ID: e.Event.ID, StepsID: id,
		Outcome: e.Outcome, Reason: e.Reason, State: e.After, Epoch: e.Epoch, Revision: e.Revision,
	}
	if e.Outcome == Held || e.Reason == Locked {
		v.Until = e.Until
	}
	return v
}

// Tells reports whether the entry records this event with this payload, the
// event's steps under their canonical names. The event's time is no part of
// it: a teller that sends again may stamp again.
func (e *Entry) Tells(ev *Event, canonical []string) bool {
	sameEpoch := (e.Claimed == nil) == (ev.Epoch == nil) && (ev.Epoch == nil || *ev.Epoch == *e.Claimed)
	return e.Event == ev.Key && e.Kind == ev.Kind && sameEpoch && e.Plan == ev.Plan &&
		e.Actor == ev.Actor && e.Comment == ev.Reason && slices.Equal(e.Steps, canonical)
}

// Hash is the first half of a SHA-256: enough that nobody finds a second
// text with the same one.
type Hash [16]byte

// Salt keeps the digests of payloads from being guessed once the payloads are
// erased. Each activation has its own, which is erased with them.
type Salt [16]byte

// Chain returns the hash of the entry where prev is the hash of the entry
// before it (zero for the first). It covers every member but Hash: the payload
// through its digest, so that it still verifies when the payload is erased.
func (e *Entry) Chain(prev Hash, id ID, salt Salt) Hash {
	digest := e.Digest
	if digest == (Hash{}) {
		digest = e.Payload.digest(salt)
	}
	var space [256]byte
	b := append(space[:0], prev[:]...)
	b = append(b, digest[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(id))
	b = append(b, byte(e.Kind), byte(e.Outcome))
	for _, n := range [...]uint32{e.Revision, e.Epoch, e.Plan, e.Of} {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	b = appendTime(b, e.At)
	b = appendTime(b, e.Until)
	for _, text := range [...]string{string(e.Reason), string(e.Before), string(e.After)} {
		b = appendText(b, text)
	}
	return hashOf(b)
}

func (p *Payload) digest(salt Salt) Hash {
	var space [512]byte
	b := append(space[:0], salt[:]...)
	b = appendTime(b, p.Told)
	if p.Claimed != nil {
		b = binary.BigEndian.AppendUint32(append(b, 1), *p.Claimed)
	} else {
		b = append(b, 0)
	}
	for _, text := range [...]string{p.Event.Source, p.Event.ID, p.Actor, p.Caller, p.Channel, p.Comment} {
		b = appendText(b, text)
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(p.Steps)))
	for _, step := range p.Steps {
		b = appendText(b, step)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(p.Origin.StepsID))
	b = appendText(b, p.Origin.Event.Source)
	b = appendText(b, p.Origin.Event.ID)
	b = appendTime(b, p.Origin.At)
	return hashOf(b)
}

// none reports whether there is no payload.
func (p *Payload) none() bool {
	return p.Event == EventKey{} && p.Steps == nil && p.Claimed == nil && p.Told.IsZero() &&
		p.Actor == "" && p.Caller == "" && p.Channel == "" && p.Comment == "" && p.Origin == Origin{}
}

// Erase takes the payload away, and leaves the digest in its place.
func (e *Entry) Erase(salt Salt) {
	if e.Digest == (Hash{}) {
		e.Payload, e.Digest = Payload{}, e.Payload.digest(salt)
	}
}

func hashOf(b []byte) Hash {
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

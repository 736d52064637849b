package wire

import (
	"bytes"
	"fmt"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// AppendChange appends the form of a change to b: the activation afterwards and
// the entries that led to it, without the evidence. What never changes of an
// activation stands in the change that creates it alone. The error is about a
// change that breaks the contract of store.Change; b is then as it was.
func AppendChange(b []byte, c *store.Change) ([]byte, error) {
	if err := check(c); err != nil {
		return b, err
	}
	a := &c.Activation
	origin := origin(a.StepsID)
	b = append(b, Version)
	b = appendNumber(b, uint64(c.From))
	if c.From == 0 {
		for _, text := range [...]string{a.Association, a.User, a.Device, a.Service, a.VIN} {
			b = appendText(b, text)
		}
		b = appendNumber(b, uint64(a.Plan))
		b = appendTime(b, a.Created, origin)
	}
	b = appendText(b, string(a.State))
	b = appendTime(b, a.Since, origin)
	b = appendNumber(b, uint64(a.Epoch))
	b = appendTime(b, a.EpochAt, origin)
	b = appendNumber(b, uint64(len(a.Proofs)))
	for i := range a.Proofs {
		b = appendNumber(b, uint64(a.Proofs[i].Revision))
		b = appendTime(b, a.Proofs[i].At, origin)
	}
	b = appendNumber(b, uint64(len(c.Entries)))
	for i := range c.Entries {
		b = appendEntry(b, &c.Entries[i], origin)
	}
	return b, nil
}

// check holds what the form leaves out because the contract says it.
func check(c *store.Change) error {
	for i := range c.Entries {
		if c.Entries[i].Revision != c.From+1+uint32(i) {
			return fmt.Errorf("change of %s: entry %d has revision %d after %d", c.Activation.StepsID, i, c.Entries[i].Revision, c.From)
		}
	}
	switch last := len(c.Entries) - 1; {
	case last < 0:
		return fmt.Errorf("change of %s: no entries", c.Activation.StepsID)
	case c.Activation.Revision != c.Entries[last].Revision:
		return fmt.Errorf("change of %s: revision %d, of the last entry %d", c.Activation.StepsID, c.Activation.Revision, c.Entries[last].Revision)
	case c.Activation.Hash != c.Entries[last].Hash:
		return fmt.Errorf("change of %s: its hash is not that of its last entry", c.Activation.StepsID)
	}
	return nil
}

// appendEntry leaves out the revision: entries count from the change's From.
func appendEntry(b []byte, e *steps.Entry, origin int64) []byte {
	b = append(b, byte(e.Kind), byte(e.Outcome))
	b = appendTime(b, e.At, origin)
	b = appendNumber(b, uint64(e.Epoch))
	b = appendTime(b, e.Told, origin)
	if e.Claimed == nil {
		b = append(b, 0)
	} else {
		b = appendNumber(b, 1+uint64(*e.Claimed))
	}
	for _, text := range [...]string{
		e.Event.Source, e.Event.ID, e.Actor, e.Caller, e.Channel, e.Comment,
		string(e.Reason), string(e.Before), string(e.After),
	} {
		b = appendText(b, text)
	}
	b = appendNumber(b, uint64(len(e.Steps)))
	for _, step := range e.Steps {
		b = appendText(b, step)
	}
	return append(b, e.Hash[:]...)
}

// DecodeChange reads a change of the activation id. Where From is not 0, the
// members of the activation that never change are zero. Any bytes but those
// that AppendChange writes are store.ErrCorrupt.
func DecodeChange(id steps.ID, value []byte) (store.Change, error) {
	r := newReader(id, value)
	c := store.Change{From: r.uint32()}
	a := &c.Activation
	a.StepsID = id
	if c.From == 0 {
		a.Association, a.User, a.Device = r.text(), r.text(), r.text()
		a.Service, a.VIN = r.text(), r.text()
		a.Plan = r.uint32()
		a.Created = r.time()
	}
	a.State = steps.State(r.text())
	a.Since = r.time()
	a.Epoch = r.uint32()
	a.EpochAt = r.time()
	if n := r.count(); n > 0 {
		a.Proofs = make([]steps.Proof, n)
		for i := range a.Proofs {
			a.Proofs[i].Revision = r.uint32()
			a.Proofs[i].At = r.time()
		}
	}
	c.Entries = make([]steps.Entry, r.count())
	for i := range c.Entries {
		c.Entries[i] = r.entry()
		c.Entries[i].Revision = c.From + 1 + uint32(i)
	}
	if n := len(c.Entries); n > 0 {
		a.Revision = c.Entries[n-1].Revision
		a.Hash = c.Entries[n-1].Hash
	}
	if r.err != nil {
		return store.Change{}, r.err
	}
	var space [1024]byte
	if again, err := AppendChange(space[:0], &c); err != nil || !bytes.Equal(again, value) {
		return store.Change{}, errNotCanonical
	}
	return c, nil
}

var errNotCanonical = fmt.Errorf("%w: not in the one form that a value has", store.ErrCorrupt)

func (r *reader) entry() steps.Entry {
	e := steps.Entry{Kind: steps.Kind(r.byte()), Outcome: steps.Outcome(r.byte())}
	e.At = r.time()
	e.Epoch = r.uint32()
	e.Told = r.time()
	if n := r.number(); n > 0 {
		claimed := uint32(n - 1)
		e.Claimed = &claimed
	}
	e.Event.Source, e.Event.ID = r.text(), r.text()
	e.Actor, e.Caller, e.Channel, e.Comment = r.text(), r.text(), r.text(), r.text()
	e.Reason = steps.Refusal(r.text())
	e.Before, e.After = steps.State(r.text()), steps.State(r.text())
	if n := r.count(); n > 0 {
		e.Steps = make([]string, n)
		for i := range e.Steps {
			e.Steps[i] = r.text()
		}
	}
	e.Hash = r.hash()
	return e
}

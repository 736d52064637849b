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
	b = append(b, Version)
	b = appendNumber(b, uint64(c.From))
	if c.From == 0 {
		b = appendText(b, a.Service)
		b = appendNumber(b, uint64(a.Plan))
	}
	b = appendNumber(b, uint64(len(c.Entries)))
	for i := range c.Entries {
		b = appendShape(b, &c.Entries[i])
	}
	b = appendText(b, string(a.State))
	b = appendNumber(b, uint64(a.Epoch))
	b = appendNumber(b, uint64(len(a.Proofs)))
	for i := range a.Proofs {
		b = appendNumber(b, uint64(a.Proofs[i].Revision))
	}

	origin := origin(a.StepsID)
	if c.From == 0 {
		for _, text := range [...]string{a.Association, a.User, a.Device, a.VIN} {
			b = appendText(b, text)
		}
		b = appendTime(b, a.Created, origin)
	}
	for i := range c.Entries {
		b = appendData(b, &c.Entries[i], origin)
	}
	b = appendTime(b, a.Since, c.Entries[len(c.Entries)-1].At.UnixMilli())
	b = appendTime(b, a.EpochAt, origin)
	for i := range a.Proofs {
		b = appendTime(b, a.Proofs[i].At, proofOrigin(c, i, origin))
	}
	return b, nil
}

// proofOrigin returns what the time of a proof is counted from: the entry of
// this change that it is of, or else the origin.
func proofOrigin(c *store.Change, proof int, origin int64) int64 {
	i := int64(c.Activation.Proofs[proof].Revision) - int64(c.From) - 1
	if i < 0 || i >= int64(len(c.Entries)) {
		return origin
	}
	return c.Entries[i].At.UnixMilli()
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
	case c.Activation.Revision <= c.From:
		return fmt.Errorf("change of %s: more entries than revisions there are", c.Activation.StepsID)
	case c.Activation.Revision != c.Entries[last].Revision:
		return fmt.Errorf("change of %s: revision %d, of the last entry %d", c.Activation.StepsID, c.Activation.Revision, c.Entries[last].Revision)
	case c.Activation.Hash != c.Entries[last].Hash:
		return fmt.Errorf("change of %s: its hash is not that of its last entry", c.Activation.StepsID)
	}
	return nil
}

// appendShape appends what many entries have in common, so that it lies
// together, and shrinks to little where values are compressed together. The
// revision is left out: entries count from the change's From.
func appendShape(b []byte, e *steps.Entry) []byte {
	b = append(b, byte(e.Kind), byte(e.Outcome))
	b = appendNumber(b, uint64(e.Epoch))
	if e.Claimed == nil {
		b = append(b, 0)
	} else {
		b = appendNumber(b, 1+uint64(*e.Claimed))
	}
	for _, text := range [...]string{
		e.Event.Source, e.Actor, e.Caller, e.Channel, e.Comment,
		string(e.Reason), string(e.Before), string(e.After),
	} {
		b = appendText(b, text)
	}
	b = appendNumber(b, uint64(len(e.Steps)))
	for _, step := range e.Steps {
		b = appendText(b, step)
	}
	return b
}

// appendData appends what each entry has for itself.
func appendData(b []byte, e *steps.Entry, origin int64) []byte {
	b = appendText(b, e.Event.ID)
	b = appendTime(b, e.At, origin)
	b = appendTime(b, e.Told, e.At.UnixMilli())
	return append(b, e.Hash[:]...)
}

// DecodeChange reads a change of the activation id. Where From is not 0, the
// members of the activation that never change are zero. Any bytes but those
// that AppendChange writes are store.ErrCorrupt.
func DecodeChange(id steps.ID, value []byte) (store.Change, error) {
	r := newReader(value)
	c := store.Change{From: r.uint32()}
	a := &c.Activation
	a.StepsID = id
	if c.From == 0 {
		a.Service = r.text()
		a.Plan = r.uint32()
	}
	c.Entries = make([]steps.Entry, r.count())
	for i := range c.Entries {
		r.shape(&c.Entries[i])
		c.Entries[i].Revision = c.From + 1 + uint32(i)
	}
	a.State = steps.State(r.text())
	a.Epoch = r.uint32()
	if n := r.count(); n > 0 {
		a.Proofs = make([]steps.Proof, n)
		for i := range a.Proofs {
			a.Proofs[i].Revision = r.uint32()
		}
	}
	if r.err == nil && len(c.Entries) == 0 {
		r.fail("a change without entries")
	}
	if r.err != nil {
		return store.Change{}, r.err
	}

	origin := origin(id)
	if c.From == 0 {
		a.Association, a.User, a.Device, a.VIN = r.text(), r.text(), r.text(), r.text()
		a.Created = r.time(origin)
	}
	for i := range c.Entries {
		r.data(&c.Entries[i], origin)
	}
	last := &c.Entries[len(c.Entries)-1]
	a.Since = r.time(last.At.UnixMilli())
	a.EpochAt = r.time(origin)
	for i := range a.Proofs {
		a.Proofs[i].At = r.time(proofOrigin(&c, i, origin))
	}
	a.Revision, a.Hash = last.Revision, last.Hash
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

func (r *reader) shape(e *steps.Entry) {
	e.Kind, e.Outcome = steps.Kind(r.byte()), steps.Outcome(r.byte())
	e.Epoch = r.uint32()
	if n := r.number(); n > 0 {
		claimed := uint32(n - 1)
		e.Claimed = &claimed
	}
	e.Event.Source = r.text()
	e.Actor, e.Caller, e.Channel, e.Comment = r.text(), r.text(), r.text(), r.text()
	e.Reason = steps.Refusal(r.text())
	e.Before, e.After = steps.State(r.text()), steps.State(r.text())
	if n := r.count(); n > 0 {
		e.Steps = make([]string, n)
		for i := range e.Steps {
			e.Steps[i] = r.text()
		}
	}
}

func (r *reader) data(e *steps.Entry, origin int64) {
	e.Event.ID = r.text()
	e.At = r.time(origin)
	e.Told = r.time(e.At.UnixMilli())
	e.Hash = r.hash()
}

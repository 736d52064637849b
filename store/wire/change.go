package wire

import (
	"bytes"
	"fmt"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// AppendChange appends the form of a change to b: the activation afterwards and
// the entries that led to it, without what it rests on, the evidence and the
// tallies. What never changes of an activation stands in the change that creates
// it alone. The error is about a change that breaks the contract of
// store.Change; b is then as it was.
func AppendChange(b []byte, c *store.Change) ([]byte, error) {
	if err := check(c); err != nil {
		return b, err
	}
	several := len(c.Entries) > 1
	b = append(b, Version)
	b = appendNumber(b, uint64(c.From)<<1|uint64(bit(1, several)))
	if several {
		b = appendNumber(b, uint64(len(c.Entries)))
	}
	origin := origin(c.Activation.StepsID)
	for i := range c.Entries {
		b = appendTime(b, c.Entries[i].At, origin)
	}
	b = appendChangeShape(b, c)
	return appendChangeData(b, c), nil
}

// check holds what the form leaves out because the contract says it.
func check(c *store.Change) error {
	id := c.Activation.StepsID
	for i := range c.Entries {
		e := &c.Entries[i]
		if e.Revision != c.From+1+uint32(i) {
			return fmt.Errorf("change of %s: entry %d has revision %d after %d", id, i, e.Revision, c.From)
		}
		if err := checkErased(e); err != nil {
			return fmt.Errorf("change of %s: %w", id, err)
		}
	}
	switch last := len(c.Entries) - 1; {
	case last < 0:
		return fmt.Errorf("change of %s: no entries", id)
	case c.Activation.Revision <= c.From:
		return fmt.Errorf("change of %s: more entries than revisions there are", id)
	case c.Activation.Revision != c.Entries[last].Revision:
		return fmt.Errorf("change of %s: revision %d, of the last entry %d", id, c.Activation.Revision, c.Entries[last].Revision)
	case c.Activation.Hash != c.Entries[last].Hash:
		return fmt.Errorf("change of %s: its hash is not that of its last entry", id)
	}
	return nil
}

// DecodeChange reads a change of the activation id. Where From is not 0, the
// members of the activation that never change are zero. Any bytes but those
// that AppendChange writes are store.ErrCorrupt.
func DecodeChange(id steps.ID, value []byte) (store.Change, error) {
	r := newReader(value)
	n := r.number()
	c := store.Change{From: r.narrow(n >> 1)}
	c.Activation.StepsID = id
	c.Entries = r.entries(c.From, n&1 != 0, origin(id))
	if r.err == nil {
		r.changeData(&c, r.changeShape(&c))
	}
	if r.err != nil {
		return store.Change{}, r.err
	}
	last := &c.Entries[len(c.Entries)-1]
	c.Activation.Revision, c.Activation.Hash = last.Revision, last.Hash
	var again [1024]byte
	if b, err := AppendChange(again[:0], &c); err != nil || !bytes.Equal(b, value) {
		return store.Change{}, errNotCanonical
	}
	return c, nil
}

var errNotCanonical = fmt.Errorf("%w: not in the one form that a value has", store.ErrCorrupt)

// entries reads how many entries follow a revision, and when they were judged.
func (r *reader) entries(from uint32, several bool, origin int64) []steps.Entry {
	n := 1
	if several {
		if n = r.count(); n == 0 {
			r.fail("a change without entries")
		}
	}
	entries := make([]steps.Entry, n)
	for i := range entries {
		entries[i].Revision = from + 1 + uint32(i)
		entries[i].At = r.time(origin)
	}
	return entries
}

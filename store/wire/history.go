package wire

import (
	"fmt"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// History puts an activation together from its changes, and verifies that they
// are all there and that the chain of hashes holds. The zero value is ready.
type History struct {
	Activation steps.Activation
	Entries    []steps.Entry
}

// Add adds the next change, the oldest first. The error is store.ErrCorrupt,
// and where an entry is changed, missing or in another's place, a
// *steps.HistoryFault as well.
func (h *History) Add(id steps.ID, value []byte) error {
	c, err := DecodeChange(id, value)
	if err != nil {
		return err
	}
	return h.AddChange(&c)
}

// AddChange adds the next change as DecodeChange returned it.
func (h *History) AddChange(c *store.Change) error {
	now, after := &h.Activation, c.Activation
	switch {
	case c.From > now.Revision:
		return fault(now.Revision+1, "missing")
	case c.From < now.Revision:
		return fault(c.From+1, "reordered")
	}
	if c.From > 0 {
		after.Binding, after.Service, after.VIN = now.Binding, now.Service, now.VIN
		after.Created, after.Salt = now.Created, now.Salt
	}
	prev := now.Hash
	for i := range c.Entries {
		e := &c.Entries[i]
		if e.Chain(prev, after.StepsID, after.Salt) != e.Hash {
			return fault(e.Revision, "changed")
		}
		prev = e.Hash
	}
	h.Activation = after
	h.Entries = append(h.Entries, c.Entries...)
	return nil
}

// fault is a store.ErrCorrupt that says which entry is wrong, and how.
func fault(revision uint32, what string) error {
	return fmt.Errorf("%w: %w", store.ErrCorrupt, &steps.HistoryFault{Revision: revision, What: what})
}

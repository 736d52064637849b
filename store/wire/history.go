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

// Add adds the next change, the oldest first. The error is store.ErrCorrupt.
func (h *History) Add(id steps.ID, value []byte) error {
	c, err := DecodeChange(id, value)
	if err != nil {
		return err
	}
	now := &h.Activation
	if c.From != now.Revision {
		return fmt.Errorf("%w: a change from revision %d follows revision %d", store.ErrCorrupt, c.From, now.Revision)
	}
	prev := now.Hash
	for i := range c.Entries {
		e := &c.Entries[i]
		if e.Chain(prev, id) != e.Hash {
			return fmt.Errorf("%w: the chain of hashes breaks at revision %d", store.ErrCorrupt, e.Revision)
		}
		prev = e.Hash
	}
	after := c.Activation
	if c.From > 0 {
		after.Binding, after.Service, after.VIN = now.Binding, now.Service, now.VIN
		after.Plan, after.Created = now.Plan, now.Created
	}
	h.Activation = after
	h.Entries = append(h.Entries, c.Entries...)
	return nil
}

// Reset makes h ready for another activation. What it gave is not touched.
func (h *History) Reset() { *h = History{} }

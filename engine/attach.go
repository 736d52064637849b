package engine

import (
	"context"
	"errors"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// attached is an activation's slot, or why there is none; neither where the
// activation is unknown.
type attached struct {
	slot *slot
	err  error
}

// attach gives each op the slot of its activation, the same to all ops of one,
// and returns those that have one. The others are answered: their activation is
// unknown, or cannot be read.
func (e *Engine) attach(ctx context.Context, ops []*op) []*op {
	if len(ops) == 1 {
		if ops[0].slot = e.cache.get(ops[0].event.StepsID); ops[0].slot != nil {
			return ops
		}
	}
	slots := e.slots(ctx, ops)
	ready := make([]*op, 0, len(ops))
	for _, o := range ops {
		a := slots[o.event.StepsID]
		o.slot, o.err = a.slot, a.err
		switch {
		case a.slot != nil:
			ready = append(ready, o)
		case a.err == nil:
			o.verdict = refusal(o.event, steps.UnknownActivation)
		}
	}
	return ready
}

// slots returns the slot of each activation that ops are about, from the cache
// or loaded into it.
func (e *Engine) slots(ctx context.Context, ops []*op) map[steps.ID]attached {
	slots := make(map[steps.ID]attached, len(ops))
	var missing []steps.ID
	for _, o := range ops {
		id := o.event.StepsID
		if _, seen := slots[id]; seen {
			continue
		}
		s := e.cache.get(id)
		slots[id] = attached{slot: s}
		if s == nil {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		e.loadSlots(ctx, missing, slots)
	}
	return slots
}

// loadSlots loads activations with their pasts, in one go where all can be
// read; one that is damaged does not keep the others from theirs.
func (e *Engine) loadSlots(ctx context.Context, ids []steps.ID, slots map[steps.ID]attached) {
	heads, pasts, err := e.read(ctx, ids)
	if errors.Is(err, store.ErrCorrupt) && len(ids) > 1 {
		for i := range ids {
			e.loadSlots(ctx, ids[i:i+1], slots)
		}
		return
	}
	for i, id := range ids {
		switch {
		case err != nil:
			slots[id] = attached{err: failure(err)}
		case heads[i].Revision != 0 && heads[i].State != steps.StateErased:
			slots[id] = e.newSlot(&heads[i], pasts[i])
		}
	}
}

// read returns activations and their histories, which may have grown since.
func (e *Engine) read(ctx context.Context, ids []steps.ID) ([]steps.Activation, [][]steps.Entry, error) {
	heads, err := e.store.Load(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	pasts, err := e.store.History(ctx, ids)
	return heads, pasts, err
}

// newSlot puts an activation, with the part of its history that led to it, into
// the cache.
func (e *Engine) newSlot(head *steps.Activation, entries []steps.Entry) attached {
	m, err := e.machineOf(head)
	if err != nil {
		return attached{err: err}
	}
	s := &slot{id: head.StepsID, machine: m, next: head}
	s.head.Store(head)
	for i := range entries {
		if entries[i].Revision <= head.Revision {
			s.past.add(&entries[i])
		}
	}
	return attached{slot: e.cache.put(s)}
}

package engine

import (
	"context"
	"slices"

	"github.com/stepgate/stepgate/steps"
)

// attach gives each op the slot of its activation, and returns those that have
// one. The others are answered: their activation is unknown, or cannot be read.
func (e *Engine) attach(ctx context.Context, ops []*op) []*op {
	var missing []steps.ID
	for _, o := range ops {
		id := o.event.StepsID
		if o.slot = e.cache.get(id); o.slot == nil && !slices.Contains(missing, id) {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return ops
	}
	loaded := e.loadSlots(ctx, missing)
	attached := make([]*op, 0, len(ops))
	for _, o := range ops {
		if o.slot == nil {
			o.slot, o.err = loaded[o.event.StepsID].slot, loaded[o.event.StepsID].err
		}
		switch {
		case o.slot != nil:
			attached = append(attached, o)
		case o.err == nil:
			o.verdict = refusal(&steps.Activation{StepsID: o.event.StepsID}, o.event, steps.UnknownActivation)
		}
	}
	return attached
}

// loadedSlot is what loading an activation came to: neither member is set where
// there is none.
type loadedSlot struct {
	slot *slot
	err  error
}

// loadSlots loads activations with their pasts into the cache, in one go where
// all can be read; one that cannot does not keep the others from theirs.
func (e *Engine) loadSlots(ctx context.Context, ids []steps.ID) map[steps.ID]loadedSlot {
	loaded := make(map[steps.ID]loadedSlot, len(ids))
	heads, pasts, err := e.read(ctx, ids)
	if err != nil && len(ids) > 1 && ctx.Err() == nil {
		for _, id := range ids {
			loaded[id] = e.loadSlots(ctx, []steps.ID{id})[id]
		}
		return loaded
	}
	for i, id := range ids {
		var l loadedSlot
		switch {
		case err != nil:
			l.err = err
		case heads[i].Revision != 0:
			l.slot, l.err = e.newSlot(&heads[i], pasts[i])
		}
		if l.slot != nil {
			e.cache.put(l.slot)
		}
		loaded[id] = l
	}
	return loaded
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

// newSlot makes a slot of an activation and the part of its history that led
// to it.
func (e *Engine) newSlot(head *steps.Activation, entries []steps.Entry) (*slot, error) {
	m, err := e.machineOf(head)
	if err != nil {
		return nil, err
	}
	s := &slot{id: head.StepsID, machine: m, next: head}
	s.head.Store(head)
	for i := range entries {
		if entries[i].Revision <= head.Revision {
			s.past.add(&entries[i])
		}
	}
	return s, nil
}

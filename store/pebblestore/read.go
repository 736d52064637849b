package pebblestore

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/wire"
)

// Load implements store.Store.
func (s *Store) Load(ctx context.Context, ids []steps.ID) ([]steps.Activation, error) {
	activations := make([]steps.Activation, len(ids))
	err := s.read(ctx, ids, func(i int, h *wire.History) { activations[i] = h.Activation })
	if err != nil {
		return nil, err
	}
	return activations, nil
}

// History implements store.Store.
func (s *Store) History(ctx context.Context, ids []steps.ID) ([][]steps.Entry, error) {
	histories := make([][]steps.Entry, len(ids))
	err := s.read(ctx, ids, func(i int, h *wire.History) { histories[i] = h.Entries })
	if err != nil {
		return nil, err
	}
	return histories, nil
}

// Find implements store.Store.
func (s *Store) Find(ctx context.Context, binding steps.Binding) (steps.Activation, error) {
	if err := s.begin(ctx); err != nil {
		return steps.Activation{}, err
	}
	defer s.gate.leave()
	key := appendBindingKey(nil, &binding)
	if !s.filter.mayHave(key) {
		return steps.Activation{}, store.ErrNotFound
	}
	value, err := s.get(key)
	if err != nil {
		return steps.Activation{}, err
	}
	if value == nil {
		return steps.Activation{}, cmp.Or(s.settle(ctx, nil), store.ErrNotFound)
	}
	id, err := bindingID(value)
	if err != nil {
		return steps.Activation{}, err
	}
	var found steps.Activation
	err = s.load(ctx, []steps.ID{id}, func(_ int, h *wire.History) { found = h.Activation })
	switch {
	case err != nil:
		return steps.Activation{}, err
	case found.State == steps.StateErased: // since the binding was read
		return steps.Activation{}, store.ErrNotFound
	case found.Binding != binding:
		return steps.Activation{}, fmt.Errorf("%w: the binding of activation %s leads to another", store.ErrCorrupt, id)
	}
	return found, nil
}

func bindingID(value []byte) (steps.ID, error) {
	if len(value) != idLen {
		return 0, fmt.Errorf("%w: a binding leads nowhere", store.ErrCorrupt)
	}
	return steps.ID(binary.BigEndian.Uint64(value)), nil
}

// read is load for a call from outside.
func (s *Store) read(ctx context.Context, ids []steps.ID, take func(i int, h *wire.History)) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.gate.leave()
	return s.load(ctx, ids, take)
}

// load reads activations whole, verifies them, and returns when all that it
// gave to take is durable. An absent one is a zero History.
func (s *Store) load(ctx context.Context, ids []steps.ID, take func(i int, h *wire.History)) error {
	it, err := s.db.NewIter(nil)
	if err != nil {
		return fromPebble(err)
	}
	defer it.Close()
	for i, id := range ids {
		if err := ctx.Err(); err != nil {
			return err
		}
		var h wire.History
		if err := readHistory(it, id, &h); err != nil {
			return fmt.Errorf("activation %s: %w", id, err)
		}
		take(i, &h)
	}
	return s.settle(ctx, func(g *group) bool { return slices.ContainsFunc(ids, g.has) })
}

// iterators returns two iterators over the same moment of the store: one to walk
// what leads to activations, one to read these.
func (s *Store) iterators() (it, records *pebble.Iterator, err error) {
	if it, err = s.db.NewIter(nil); err != nil {
		return nil, nil, fromPebble(err)
	}
	if records, err = it.Clone(pebble.CloneOptions{}); err != nil {
		return nil, nil, fromPebble(errors.Join(err, it.Close()))
	}
	return it, records, nil
}

// settle waits until a group that the reading before may have seen is durable.
// Touched says whether it may; of an erasure, which takes away as well, any may
// have been seen.
func (s *Store) settle(ctx context.Context, touched func(*group) bool) error {
	g := s.inFlight.Load()
	if g == nil || !g.erases && (touched == nil || !touched(g)) {
		return nil
	}
	select {
	case <-g.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.disk.down:
		return s.down()
	}
}

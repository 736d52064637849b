package pebblestore

import (
	"bytes"
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
	value, closer, err := s.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return steps.Activation{}, store.ErrNotFound
	}
	if err != nil {
		return steps.Activation{}, fromPebble(err)
	}
	id, err := bindingID(value)
	closer.Close()
	if err != nil {
		return steps.Activation{}, err
	}
	var found steps.Activation
	err = s.load(ctx, []steps.ID{id}, func(_ int, h *wire.History) { found = h.Activation })
	if err == nil && found.Binding != binding {
		err = fmt.Errorf("%w: the binding of activation %s leads to another", store.ErrCorrupt, id)
	}
	if err != nil {
		return steps.Activation{}, err
	}
	return found, nil
}

func bindingID(value []byte) (steps.ID, error) {
	if len(value) != idLen {
		return 0, fmt.Errorf("%w: a binding leads nowhere", store.ErrCorrupt)
	}
	return steps.ID(binary.BigEndian.Uint64(value)), nil
}

// Evidence implements store.Store.
func (s *Store) Evidence(ctx context.Context, subjects []steps.Subject) ([]steps.Evidence, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.gate.leave()
	proven := make([]steps.Evidence, len(subjects))
	keys := make([][]byte, len(subjects))
	for i := range subjects {
		keys[i] = appendEvidenceKey(nil, &subjects[i])
		var err error
		if proven[i], err = s.evidence(keys[i], &subjects[i]); err != nil {
			return nil, fmt.Errorf("evidence of %s: %w", subjects[i].Step, err)
		}
	}
	if err := s.settle(ctx, func(g *group) bool { return g.changesEvidence(keys) }); err != nil {
		return nil, err
	}
	return proven, nil
}

func (s *Store) evidence(key []byte, subject *steps.Subject) (steps.Evidence, error) {
	value, closer, err := s.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return steps.Evidence{}, nil
	}
	if err != nil {
		return steps.Evidence{}, fromPebble(err)
	}
	defer closer.Close()
	if value, err = checked(key, value); err != nil {
		return steps.Evidence{}, err
	}
	e, err := wire.DecodeEvidence(value)
	if err == nil && e.Subject != *subject {
		err = fmt.Errorf("%w: it is of another subject", store.ErrCorrupt)
	}
	return e, err
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

// readHistory adds all changes of an activation to h.
func readHistory(it *pebble.Iterator, id steps.ID, h *wire.History) error {
	var space [changeKeyLen]byte
	prefix := appendChangePrefix(space[:0], id)
	for ok := it.SeekGE(prefix); ok && bytes.HasPrefix(it.Key(), prefix); ok = it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return fromPebble(err)
		}
		if value, err = checked(it.Key(), value); err != nil {
			return err
		}
		if err := h.Add(id, value); err != nil {
			return err
		}
		if h.Activation.Revision != changeKeyRevision(it.Key()) {
			return fmt.Errorf("%w: revision %d lies where %d should", store.ErrCorrupt, h.Activation.Revision, changeKeyRevision(it.Key()))
		}
	}
	return fromPebble(it.Error())
}

// settle waits until a group that the reading before may have seen is durable.
func (s *Store) settle(ctx context.Context, touched func(*group) bool) error {
	g := s.inFlight.Load()
	if g == nil || !touched(g) {
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

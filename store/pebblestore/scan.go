package pebblestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/wire"
)

// Scan implements store.Store. It walks the changes themselves. Where these
// cannot be read, so that it is not even known of which activations they are,
// the index says it, and each of those is damaged.
func (s *Store) Scan(ctx context.Context, after steps.ID, limit int) ([]store.Scanned, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.gate.leave()
	it, err := s.db.NewIter(nil)
	if err != nil {
		return nil, fromPebble(err)
	}
	defer it.Close()
	var all []store.Scanned
	for most := orDefault(limit); len(all) < most; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		id, ok, err := s.scanNext(ctx, it, after)
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		after = id
		scanned, err := scanOne(it, id)
		if err != nil {
			return nil, err
		}
		all = append(all, scanned)
	}
	seen := func(g *group) bool {
		return slices.ContainsFunc(all, func(s store.Scanned) bool { return g.has(s.StepsID) })
	}
	if err := s.settle(ctx, seen); err != nil {
		return nil, err
	}
	return all, nil
}

// scanOne reads an activation, whole or damaged.
func scanOne(it *pebble.Iterator, id steps.ID) (store.Scanned, error) {
	var h wire.History
	err := readHistory(it, id, &h)
	if err == nil && h.Activation.Revision == 0 {
		err = errIndexAlone
	}
	switch {
	case errors.Is(err, store.ErrCorrupt):
		return store.Scanned{StepsID: id, Err: fmt.Errorf("activation %s: %w", id, err)}, nil
	case err != nil:
		return store.Scanned{}, err
	}
	return store.Scanned{StepsID: id, Activation: h.Activation, Entries: h.Entries}, nil
}

// scanNext returns the least ID above after.
func (s *Store) scanNext(ctx context.Context, it *pebble.Iterator, after steps.ID) (id steps.ID, ok bool, err error) {
	id, ok = byID(it, after)()
	if err := fromPebble(it.Error()); !errors.Is(err, store.ErrCorrupt) {
		return id, ok, err
	}
	if err := s.flushIndex(ctx); err != nil {
		return 0, false, err
	}
	index, err := s.db.NewIter(nil)
	if err != nil {
		return 0, false, fromPebble(err)
	}
	defer index.Close()
	return leastIndexed(index, after)
}

// leastIndexed returns the least ID above after in the index, where each
// activation has one state.
func leastIndexed(it *pebble.Iterator, after steps.ID) (least steps.ID, ok bool, err error) {
	for more := it.SeekGE([]byte{stateKind}); more && it.Key()[0] == stateKind; {
		prefix := bytes.Clone(it.Key()[:len(it.Key())-idLen])
		if id, found := byIndex(it, prefix, after)(); found && (!ok || id < least) {
			least, ok = id, true
		}
		prefix[len(prefix)-1]++ // from the zero behind the state to behind all of its IDs
		more = it.SeekGE(prefix)
	}
	return least, ok, fromPebble(it.Error())
}

package pebblestore

import (
	"context"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// Due implements store.Store. It walks the index of what changes by itself,
// where an activation stands at its next change alone.
func (s *Store) Due(ctx context.Context, now time.Time, limit int) ([]steps.ID, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.gate.leave()
	if err := s.flushIndex(ctx); err != nil {
		return nil, err
	}
	it, err := s.db.NewIter(nil)
	if err != nil {
		return nil, fromPebble(err)
	}
	defer it.Close()
	var due []steps.ID
	most := orDefault(limit)
	end := string(appendDueKey(nil, now.UnixMilli(), steps.MaxID))
	for ok := it.SeekGE([]byte{dueKind}); ok && len(due) < most && string(it.Key()) <= end; ok = it.Next() {
		due = append(due, indexKeyID(it.Key()))
	}
	if err := fromPebble(it.Error()); err != nil {
		return nil, err
	}
	return due, s.settle(ctx, nil)
}

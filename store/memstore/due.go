package memstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// Due implements store.Store. Of those that are due at the same time, the one
// with the lower ID comes first.
func (s *Store) Due(ctx context.Context, now time.Time, limit int) ([]steps.ID, error) {
	type dated struct {
		id  steps.ID
		due time.Time
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	var all []dated
	for id, r := range s.records {
		if due := r.activation.Due(); !due.IsZero() && !due.After(now) {
			all = append(all, dated{id, due})
		}
	}
	slices.SortFunc(all, func(a, b dated) int {
		return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.id, b.id))
	})
	ids := make([]steps.ID, min(len(all), orDefault(limit)))
	for i := range ids {
		ids[i] = all[i].id
	}
	return ids, nil
}

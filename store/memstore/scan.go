package memstore

import (
	"context"
	"slices"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Scan implements store.Store. Nothing in memory is damaged.
func (s *Store) Scan(ctx context.Context, after steps.ID, limit int) ([]store.Scanned, error) {
	limit = orDefault(limit)
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	var scanned []store.Scanned
	for r := range s.byID.above(after) {
		scanned = append(scanned, store.Scanned{
			StepsID:    r.activation.StepsID,
			Activation: r.activation,
			Entries:    slices.Clone(r.history),
		})
		if len(scanned) == limit {
			break
		}
	}
	return scanned, nil
}

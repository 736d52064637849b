package memstore

import (
	"context"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// List implements store.Store.
func (s *Store) List(ctx context.Context, q store.Query) ([]steps.Activation, error) {
	limit := min(orDefault(q.Limit), store.MaxLimit)
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	var listed []steps.Activation
	for r := range s.byID.above(q.After) {
		if !matches(&r.activation, &q) {
			continue
		}
		listed = append(listed, r.activation)
		if len(listed) == limit {
			break
		}
	}
	return listed, nil
}

// matches reports whether an activation passes the filters of a query.
func matches(a *steps.Activation, q *store.Query) bool {
	return (q.User == "" || q.User == a.User) &&
		(q.State == "" || q.State == a.State) &&
		(q.Service == "" || q.Service == a.Service) &&
		(q.Association == "" || q.Association == a.Association)
}

// orDefault returns a limit, or how many it is where nothing is said.
func orDefault(limit int) int {
	if limit <= 0 {
		return store.DefaultLimit
	}
	return limit
}

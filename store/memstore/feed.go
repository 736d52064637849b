package memstore

import (
	"context"
	"fmt"
	"strconv"

	"github.com/stepgate/stepgate/store"
)

// place is where an entry of the feed lies: in a history, where an erasure
// replaces it and nothing moves it.
type place struct {
	record *record
	index  int
}

// Changes implements store.Store. A cursor is how many entries lie before it,
// in decimal; one beyond the end of the feed is ErrCursor.
func (s *Store) Changes(ctx context.Context, after store.Cursor, limit int) ([]store.Told, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	from, err := s.position(after)
	if err != nil {
		return nil, err
	}
	places := s.feed[from:][:min(orDefault(limit), len(s.feed)-from)]
	told := make([]store.Told, len(places))
	for i, p := range places {
		told[i] = store.Told{
			Cursor:  store.Cursor(strconv.Itoa(from + i + 1)),
			StepsID: p.record.activation.StepsID,
			Entry:   p.record.history[p.index],
		}
	}
	return told, nil
}

// position reads a cursor. The lock is held.
func (s *Store) position(after store.Cursor) (int, error) {
	if after == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(string(after))
	if err != nil || n < 1 || n > len(s.feed) || strconv.Itoa(n) != string(after) {
		return 0, fmt.Errorf("%w: %q", store.ErrCursor, after)
	}
	return n, nil
}

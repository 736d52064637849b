package pebblestore

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/cockroachdb/pebble/v2"

	"github.com/stepgate/stepgate/store"
)

// Changes implements store.Store. A cursor is the number of an entry in the
// whole store, in decimal.
func (s *Store) Changes(ctx context.Context, after store.Cursor, limit int) ([]store.Told, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.gate.leave()
	end := s.durable.Load().sequence
	from, err := parseCursor(after, end)
	if err != nil {
		return nil, err
	}
	if from == end {
		return nil, nil
	}

	it, records, err := s.iterators()
	if err != nil {
		return nil, err
	}
	defer it.Close()
	defer records.Close()
	before, err := markBefore(it, from+1)
	if err != nil {
		return nil, err
	}
	t := teller{records: records, from: from, end: end, limit: limited(limit)}
	if _, err := walkFeed(it, before, t.visit); err != nil {
		return nil, err
	}
	if len(t.told) == 0 {
		return nil, fmt.Errorf("%w: the feed ends before entry %d", store.ErrCorrupt, end)
	}
	if err := s.settle(ctx, nil); err != nil {
		return nil, err
	}
	return t.told, nil
}

// teller collects the entries of the feed from behind one sequence to another.
type teller struct {
	records   *pebble.Iterator
	from, end uint64
	limit     int
	told      []store.Told
}

func (t *teller) visit(after mark, moves []move) (more bool, err error) {
	at := after.sequence
	for _, m := range moves {
		if len(t.told) == t.limit || at >= t.end {
			return false, nil
		}
		if at+m.entries() > t.from {
			if err := t.tell(at, m); err != nil {
				return false, err
			}
		}
		at += m.entries()
	}
	return true, nil
}

// tell adds the entries of a change, of which the first comes behind at.
func (t *teller) tell(at uint64, m move) error {
	c, err := readMove(t.records, m)
	if err != nil {
		return err
	}
	for i := range c.Entries {
		if at++; at > t.from && len(t.told) < t.limit {
			t.told = append(t.told, store.Told{Cursor: cursor(at), StepsID: m.id, Entry: c.Entries[i]})
		}
	}
	return nil
}

func cursor(sequence uint64) store.Cursor {
	return store.Cursor(strconv.FormatUint(sequence, 10))
}

// parseCursor returns the sequence of a cursor of a feed that ends at end.
func parseCursor(c store.Cursor, end uint64) (uint64, error) {
	if c == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(string(c), 10, 64)
	if err != nil || n == 0 || n > end || n == math.MaxUint64 || cursor(n) != c {
		return 0, fmt.Errorf("%w: %q", store.ErrCursor, c)
	}
	return n, nil
}

// orDefault returns the limit that a caller means.
func orDefault(limit int) int {
	if limit <= 0 {
		return store.DefaultLimit
	}
	return limit
}

// limited returns the limit that a caller means of a list.
func limited(limit int) int { return min(orDefault(limit), store.MaxLimit) }

// readMove reads the change of a move.
func readMove(it *pebble.Iterator, m move) (store.Change, error) {
	c, err := readChange(it, m.id, m.to)
	if err == nil && c.From != m.from {
		err = fmt.Errorf("%w: it is not the change that the feed says", store.ErrCorrupt)
	}
	if err != nil {
		return c, fmt.Errorf("activation %s: revision %d: %w", m.id, m.to, err)
	}
	return c, nil
}

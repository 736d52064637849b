package pebblestore

import (
	"context"
	"fmt"
	"math"
	"strconv"

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
	limit = limited(limit)
	if from == end {
		return nil, nil
	}

	it, err := s.db.NewIter(nil)
	if err != nil {
		return nil, fromPebble(err)
	}
	defer it.Close()
	before, err := markBefore(it, from+1)
	if err != nil {
		return nil, err
	}
	var told []store.Told
	var failure error
	_, err = walkFeed(it, before, func(after mark, moves []move) bool {
		at := after.sequence
		for _, m := range moves {
			if len(told) == limit || at >= end {
				return false
			}
			if at+m.entries() <= from {
				at += m.entries()
				continue
			}
			c, err := readMove(s.db, m)
			if err != nil {
				failure = err
				return false
			}
			for i := range c.Entries {
				if at++; at > from && len(told) < limit {
					told = append(told, store.Told{Cursor: cursor(at), StepsID: m.id, Entry: c.Entries[i]})
				}
			}
		}
		return true
	})
	if err == nil {
		err = failure
	}
	if err == nil && len(told) == 0 {
		err = fmt.Errorf("%w: the feed ends before entry %d", store.ErrCorrupt, end)
	}
	if err != nil {
		return nil, err
	}
	return told, nil
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

// limited returns the limit that a caller means.
func limited(limit int) int {
	if limit <= 0 {
		return store.DefaultLimit
	}
	return min(limit, store.MaxLimit)
}

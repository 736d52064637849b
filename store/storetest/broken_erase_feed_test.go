package storetest

import (
	"context"
	"slices"
	"strconv"
	"sync"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

func tellsForEver(st store.Store) store.Store {
	return &rememberingFeed{Store: st, told: make(map[store.Cursor]store.Told)}
}

// rememberingFeed is a feed of its own rows, which an erasure does not touch.
type rememberingFeed struct {
	store.Store
	mu   sync.Mutex
	told map[store.Cursor]store.Told
}

func (s *rememberingFeed) Changes(ctx context.Context, after store.Cursor, limit int) ([]store.Told, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	told, err := s.Store.Changes(ctx, after, limit)
	for i, t := range told {
		if before, known := s.told[t.Cursor]; known {
			told[i] = before
		}
		s.told[t.Cursor] = told[i]
	}
	return told, err
}

// tellsNoErased leaves out of the feed what was erased, its places with it.
type tellsNoErased struct{ store.Store }

func (s tellsNoErased) Changes(ctx context.Context, after store.Cursor, limit int) ([]store.Told, error) {
	told, err := s.Store.Changes(ctx, after, limit)
	return slices.DeleteFunc(told, func(t store.Told) bool { return t.Entry.Digest != steps.Hash{} }), err
}

// tellsNoErasures leaves the entry of the erasure itself out.
type tellsNoErasures struct{ store.Store }

func (s tellsNoErasures) Changes(ctx context.Context, after store.Cursor, limit int) ([]store.Told, error) {
	told, err := s.Store.Changes(ctx, after, limit)
	return slices.DeleteFunc(told, func(t store.Told) bool { return t.Entry.Kind == steps.Erased }), err
}

// movesErased is a feed in which what was erased is written again, at the end.
type movesErased struct{ store.Store }

func (s movesErased) Changes(ctx context.Context, after store.Cursor, limit int) ([]store.Told, error) {
	whole, err := s.Store.Changes(ctx, "", 1<<20)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(whole, func(a, b store.Told) int { return erasedLast(&a) - erasedLast(&b) })
	for i := range whole {
		whole[i].Cursor = store.Cursor(strconv.Itoa(i + 1))
	}
	if after == "" {
		after = "0"
	}
	from, err := strconv.Atoi(string(after))
	if err != nil || from > len(whole) {
		return nil, store.ErrCursor
	}
	return whole[from:][:min(limit, len(whole)-from)], nil
}

func erasedLast(t *store.Told) int {
	if t.Entry.Kind == steps.Erased || t.Entry.Digest != (steps.Hash{}) {
		return 1
	}
	return 0
}

func redactsInPlace(st store.Store) store.Store {
	return &inPlace{Store: st, given: make(map[steps.ID][][]steps.Entry)}
}

// inPlace takes payloads away where they lie, also from what it gave readers.
type inPlace struct {
	store.Store
	mu    sync.Mutex
	given map[steps.ID][][]steps.Entry
}

func (s *inPlace) History(ctx context.Context, ids []steps.ID) ([][]steps.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	histories, err := s.Store.History(ctx, ids)
	for i := range histories {
		s.given[ids[i]] = append(s.given[ids[i]], histories[i])
	}
	return histories, err
}

func (s *inPlace) Commit(ctx context.Context, changes []store.Change) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	results := s.Store.Commit(ctx, changes)
	for i, c := range changes {
		if results[i] == nil {
			s.given[c.Activation.StepsID] = append(s.given[c.Activation.StepsID], c.Entries)
		}
	}
	return results
}

func (s *inPlace) Erase(ctx context.Context, erasures []store.Erasure) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range erasures {
		for _, given := range s.given[e.Activation.StepsID] {
			for i := range given {
				given[i].Erase(steps.Salt{})
			}
		}
	}
	return s.Store.Erase(ctx, erasures)
}

// writesToErasures sorts what it is given where it lies.
type writesToErasures struct{ store.Store }

func (s writesToErasures) Erase(ctx context.Context, erasures []store.Erasure) []error {
	results := s.Store.Erase(ctx, erasures)
	for i := range erasures {
		slices.Reverse(erasures[i].Subjects)
	}
	return results
}

func keepsErasures(st store.Store) store.Store {
	return &erasureKeeper{Store: st, kept: make(map[steps.ID][]steps.Entry)}
}

// erasureKeeper keeps the history that an erasure came with, not a copy of it.
type erasureKeeper struct {
	store.Store
	mu   sync.Mutex
	kept map[steps.ID][]steps.Entry
}

func (s *erasureKeeper) Erase(ctx context.Context, erasures []store.Erasure) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	results := s.Store.Erase(ctx, erasures)
	for i, e := range erasures {
		if results[i] == nil {
			s.kept[e.Activation.StepsID] = e.Entries
		}
	}
	return results
}

func (s *erasureKeeper) History(ctx context.Context, ids []steps.ID) ([][]steps.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	histories, err := s.Store.History(ctx, ids)
	for i := range histories {
		if kept := s.kept[ids[i]]; kept != nil {
			histories[i] = kept
		}
	}
	return histories, err
}

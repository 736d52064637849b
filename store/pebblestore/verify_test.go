package pebblestore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// A wrong answer is one that is neither right nor an error.
var errWrong = errors.New("wrong answer")

func wrong(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errWrong, fmt.Sprintf(format, args...))
}

// verify asks a store for everything. It returns errWrong where an answer
// contradicts the ledger or what must have been durable, and the store's own
// error where it refused to answer; wrong answers come first.
func (l *ledger) verify(s *Store, acked map[steps.ID]uint32) error {
	var failures []error
	found := make(map[steps.ID]steps.Activation)
	for i, a := range ask(s, l.ids()) {
		err := a.err
		if err == nil {
			err = l.verifyAnswer(&a, acked[a.id])
		}
		if err == nil && i%l.sparing == 0 {
			err = l.verifyBeside(s, &a)
		}
		if err != nil {
			failures = append(failures, err)
		} else if a.loaded.Revision > 0 {
			found[a.id] = a.loaded
		}
	}
	if len(failures) == 0 {
		failures = append(failures, verifyFeedOf(s, found, l), verifyLists(s, found), verifyDue(s, found))
	}
	for _, err := range failures {
		if errors.Is(err, errWrong) {
			return err
		}
	}
	return errors.Join(failures...)
}

// answer is what a store says about an activation.
type answer struct {
	id      steps.ID
	entries []steps.Entry
	loaded  steps.Activation
	err     error
}

// ask asks a store for activations: for all at once, and where it refuses, for
// each alone.
func ask(s *Store, ids []steps.ID) []answer {
	histories, err := s.History(context.Background(), ids)
	var loaded []steps.Activation
	if err == nil {
		loaded, err = s.Load(context.Background(), ids)
	}
	switch {
	case err == nil:
		answers := make([]answer, len(ids))
		for i := range ids {
			answers[i] = answer{id: ids[i], entries: histories[i], loaded: loaded[i]}
		}
		return answers
	case len(ids) == 1:
		return []answer{{id: ids[0], err: err}}
	}
	var answers []answer
	for i := range ids {
		answers = append(answers, ask(s, ids[i:i+1])...)
	}
	return answers
}

// verifyAnswer returns what is wrong with an answer.
func (l *ledger) verifyAnswer(a *answer, acked uint32) error {
	at := l.line(a.id)
	n := uint32(len(a.entries))
	switch {
	case n < acked:
		return wrong("%s has %d entries, and %d were acknowledged", a.id, n, acked)
	case int(n) > len(at.entries) || !equal(a.entries, at.history(n)):
		return wrong("%s has entries that it was not given", a.id)
	case n > 0 && at.states[n].activation.Revision != n:
		return wrong("%s has half a change: %d entries", a.id, n)
	case !equal(a.loaded, at.states[n].activation):
		return wrong("%s at revision %d is %+v, not %+v", a.id, n, a.loaded, at.states[n].activation)
	}
	return nil
}

// verifyBeside returns what is wrong with what stands beside an activation.
func (l *ledger) verifyBeside(s *Store, a *answer) error {
	at := l.line(a.id)
	now := &at.states[len(a.entries)]
	bound, err := s.Find(context.Background(), at.binding)
	gone := now.activation.Revision == 0 || now.activation.State == steps.StateErased
	switch {
	case errors.Is(err, store.ErrNotFound) && gone:
	case errors.Is(err, store.ErrNotFound):
		return wrong("%s is not found by its binding", a.id)
	case err != nil:
		return err
	case gone || !equal(bound, now.activation):
		return wrong("the binding of %s leads to %+v", a.id, bound)
	}
	return now.verifyKnown(s, at.subjects())
}

// verifyKnown returns what is wrong with what is known of subjects.
func (now *state) verifyKnown(s *Store, subjects []steps.Subject) error {
	proven, err := s.Evidence(context.Background(), subjects)
	if err != nil {
		return err
	}
	counted, err := s.Tallies(context.Background(), subjects)
	if err != nil {
		return err
	}
	for i, subject := range subjects {
		if !equal(proven[i], now.proven[subject]) {
			return wrong("at revision %d, the evidence of %v is %+v", now.activation.Revision, subject, proven[i])
		}
		if !equal(counted[i], now.counted[subject]) {
			return wrong("at revision %d, the tally of %v is %+v", now.activation.Revision, subject, counted[i])
		}
	}
	return nil
}

// verifyFeedOf walks the whole feed.
func verifyFeedOf(s *Store, found map[steps.ID]steps.Activation, l *ledger) error {
	told := make(map[steps.ID]uint32)
	for cursor := store.Cursor(""); ; {
		page, err := s.Changes(context.Background(), cursor, 100)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		for _, t := range page {
			told[t.StepsID]++
			n := told[t.StepsID]
			at, a := l.line(t.StepsID), found[t.StepsID]
			if t.Entry.Revision != n || n > a.Revision || !equal(t.Entry, at.history(a.Revision)[n-1]) {
				return wrong("the feed has entry %d of %s where %d belongs", t.Entry.Revision, t.StepsID, n)
			}
			cursor = t.Cursor
		}
	}
	for id, a := range found {
		if told[id] != a.Revision {
			return wrong("the feed has %d entries of %s, which is at revision %d", told[id], id, a.Revision)
		}
	}
	return nil
}

// verifyLists asks for the activations of each state, of each service, of one
// association, of some users, and of all.
func verifyLists(s *Store, found map[steps.ID]steps.Activation) error {
	expected := map[store.Query][]steps.ID{{}: nil}
	for i, id := range slices.Sorted(maps.Keys(found)) {
		a := found[id]
		for _, q := range []store.Query{{}, {State: a.State}, {Service: a.Service}} {
			expected[q] = append(expected[q], id)
		}
		if i == 0 && a.Association != "" {
			expected[store.Query{Association: a.Association}] = []steps.ID{id}
		}
		if i%4 == 0 && a.User != "" {
			expected[store.Query{User: a.User}] = []steps.ID{id}
		}
	}
	for q, ids := range expected {
		var listed []steps.ID
		for page := q; ; page.After = listed[len(listed)-1] {
			activations, err := s.List(context.Background(), page)
			if err != nil {
				return err
			}
			if len(activations) == 0 {
				break
			}
			for _, a := range activations {
				listed = append(listed, a.StepsID)
			}
		}
		if !slices.Equal(listed, ids) {
			return wrong("the list of %+v has %v, not %v", q, listed, ids)
		}
	}
	return nil
}

// verifyDue asks for all that is ever due.
func verifyDue(s *Store, found map[steps.ID]steps.Activation) error {
	var expected []steps.ID
	for id, a := range found {
		if !a.Due().IsZero() {
			expected = append(expected, id)
		}
	}
	slices.SortFunc(expected, func(x, y steps.ID) int {
		a, b := found[x], found[y]
		return cmp.Or(a.Due().Compare(b.Due()), cmp.Compare(x, y))
	})
	due, err := s.Due(context.Background(), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), 10_000)
	if err == nil && !slices.Equal(due, expected) {
		err = wrong("%v are due, not %v", due, expected)
	}
	return err
}

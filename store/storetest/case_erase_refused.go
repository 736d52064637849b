package storetest

import (
	"errors"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// staleErasures are the erasures that a store must refuse, of an activation of
// four entries.
var staleErasures = []struct {
	name    string
	erasure func(e *env, w *Walk) store.Erasure
}{
	{"one revision behind", func(_ *env, w *Walk) store.Erasure {
		behind := w.at(w.Activation.Revision - 1)
		behind.Entries = w.Entries[:len(w.Entries)-1]
		return behind.Erase()
	}},
	{"one revision ahead", func(_ *env, w *Walk) store.Erasure { return w.eraseAhead(1) }},
	{"of nothing, in its place", func(e *env, w *Walk) store.Erasure {
		nothing := e.walk()
		nothing.Activation.StepsID = w.Activation.StepsID
		return nothing.Erase()
	}},
	{"of an absent activation", func(e *env, w *Walk) store.Erasure {
		absent := e.walk()
		absent.Create()
		erasure := absent.Erase()
		erasure.Subjects = w.Subjects()
		return erasure
	}},
	{"of nothing, where nothing is", func(e *env, w *Walk) store.Erasure {
		erasure := e.walk().Erase()
		erasure.Subjects = w.Subjects()
		return erasure
	}},
}

// eraseRefusedCases are about erasures, and changes behind them, that are
// refused.
func eraseRefusedCases() []testCase {
	var cases []testCase
	for _, s := range staleErasures {
		cases = append(cases, testCase{name: s.name + " is a conflict that leaves no trace", run: func(e *env) {
			w := e.lived()
			subjects := w.Subjects()
			before := e.see(subjects...)
			err := e.erasureResults(s.erasure(e, w))[0]
			for _, sentinel := range sentinels {
				require.Equal(e, sentinel == store.ErrConflict, errors.Is(err, sentinel), "%v is %v", err, sentinel)
			}
			e.requireSeen(before, subjects...)
			e.requireShown(w)
			e.erase(w.Erase())
			e.requireShown(w)
		}}, testCase{name: s.name + " fails alone", run: func(e *env) {
			w, first, last := e.lived(), e.lived(), e.lived()
			results := e.erasureResults(first.Erase(), s.erasure(e, w), last.Erase())
			require.NoError(e, results[0])
			require.ErrorIs(e, results[1], store.ErrConflict)
			require.NoError(e, results[2])
			for _, each := range []*Walk{w, first, last} {
				e.requireShown(each)
			}
			e.requireFeed(w, first, last)
		}})
	}
	return append(cases,
		testCase{name: "twice is refused the second time", run: func(e *env) {
			w := e.lived()
			erasure := w.Erase()
			e.erase(erasure)
			require.ErrorIs(e, e.erasureResults(erasure)[0], store.ErrConflict)
			e.requireShown(w)
			e.requireFeed(w)
		}},
		testCase{name: "a change decided before it is refused", run: func(e *env) {
			w := e.lived()
			subject := w.Subject(steps.TrustedPhone)
			before := w.twin(1)
			e.erase(w.Erase())
			change := before.Complete()
			require.NotEmpty(e, change.Proven)
			require.ErrorIs(e, e.results(change)[0], store.ErrConflict)
			require.ErrorIs(e, e.results(w.at(9).Fail())[0], store.ErrConflict)
			e.requireShown(w)
			e.requireFeed(w)
			require.Zero(e, e.evidence(subject)[0])
		}},
		testCase{name: "a change decided before it is refused after a restart", reopens: true, run: func(e *env) {
			w := e.lived()
			change, erasure := w.twin(1).Complete(), w.Erase()
			e.erase(erasure)
			e.reopen()
			require.ErrorIs(e, e.results(change)[0], store.ErrConflict)
			require.ErrorIs(e, e.erasureResults(erasure)[0], store.ErrConflict)
			e.requireShown(w)
			e.requireFeed(w)
		}},
	)
}

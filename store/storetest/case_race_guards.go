package storetest

import (
	"errors"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// guardRaceCases are about changes of different activations that meet at one
// subject.
func guardRaceCases() []testCase {
	const step = steps.MediumCarKey
	return []testCase{
		{name: "one winner a revision of a tally", run: func(e *env) {
			walks := e.created(writers)
			subject := walks[0].Subject(step)
			for round := range uint32(20) {
				e.requireOneOf(walks, func(w *Walk) store.Change { return counting(w, subject, round) })
				require.Equal(e, round+1, e.tallies(subject)[0].Revision)
			}
		}},
		{name: "one prover of what nobody had proven", run: func(e *env) {
			walks := e.created(writers)
			subject := walks[0].Subject(step)
			for range 20 {
				winner := e.requireOneOf(walks, func(w *Walk) store.Change {
					change := w.Fail()
					change.Rests.Evidence = []steps.Evidence{{Subject: subject}}
					change.Proven = []steps.Evidence{w.Evidence(step)}
					change.Proven[0].Subject = subject
					return change
				})
				require.Equal(e, winner.Activation.StepsID, e.evidence(subject)[0].StepsID)
				e.withdraw(walks[0], subject)
			}
		}},
		{name: "who keeps counting gets through, and no failure is lost", run: func(e *env) {
			walks := e.created(writers)
			subject := walks[0].Subject(step)
			const each = 20
			e.together(writers, func(i int) error {
				for range each {
					if err := e.persistCounting(walks[i], subject); err != nil {
						return err
					}
				}
				return nil
			})
			require.EqualValues(e, writers*each, e.tallies(subject)[0].Revision)
			for _, w := range walks {
				require.Len(e, w.Entries, 1+each)
				e.requireShown(w)
			}
			e.requireFeed(walks...)
		}},
	}
}

// requireOneOf commits a change of each walk at once, and requires that one of
// them is durable, and that every other is a conflict and leaves its walk where
// it was. It returns the one.
func (e *env) requireOneOf(walks []*Walk, change func(w *Walk) store.Change) *Walk {
	e.Helper()
	results := make([]error, len(walks))
	moved := make([]*Walk, len(walks))
	e.together(len(walks), func(i int) error {
		moved[i] = walks[i].twin(e.seed + uint64(i))
		results[i] = commitOne(e.Context(), e.st, change(moved[i]))
		return nil
	})
	winner := slices.Index(results, nil)
	require.NotEqual(e, -1, winner, "nobody won: %v", results)
	*walks[winner] = *moved[winner]
	for i, w := range walks {
		if i != winner {
			require.ErrorIs(e, results[i], store.ErrConflict, "writer %d beside the winner %d", i, winner)
		}
		e.requireShown(w)
	}
	return walks[winner]
}

// persistCounting counts a failure on, until nobody is faster.
func (e *env) persistCounting(w *Walk, subject steps.Subject) error {
	for n := range uint64(1000) { // far more than there are rivals to lose to
		counted, err := e.st.Tallies(e.Context(), []steps.Subject{subject})
		if err != nil {
			return err
		}
		next := w.twin(n)
		err = commitOne(e.Context(), e.st, counting(next, subject, counted[0].Revision))
		if !errors.Is(err, store.ErrConflict) {
			*w = *next
			return err
		}
	}
	return errors.New("lost to nobody, again and again")
}

package storetest

import (
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// eraseKnownCases are about evidence and tallies.
func eraseKnownCases() []testCase {
	return []testCase{
		{name: "forgets evidence and tallies", run: func(e *env) {
			w := e.lived()
			subjects := w.Subjects()
			e.erase(w.Erase())
			require.Equal(e, make([]steps.Evidence, len(subjects)), e.evidence(subjects...))
			require.Equal(e, make([]steps.Tally, len(subjects)), e.tallies(subjects...))
		}},
		{name: "keeps the evidence and tallies of others", run: func(e *env) {
			w, other := e.lived(), e.lived()
			subjects := other.Subjects()
			evidence, tallies := e.evidence(subjects...), e.tallies(subjects...)
			e.erase(w.Erase())
			require.Equal(e, evidence, e.evidence(subjects...))
			require.Equal(e, tallies, e.tallies(subjects...))
		}},
		{name: "forgets the subjects that it names and no other", run: func(e *env) {
			w := e.lived()
			subjects := w.Subjects()
			evidence, tallies := e.evidence(subjects...), e.tallies(subjects...)
			erasure := w.Erase()
			erasure.Subjects = subjects[1:]
			e.erase(erasure)
			clear(evidence[1:])
			clear(tallies[1:])
			require.Equal(e, evidence, e.evidence(subjects...))
			require.Equal(e, tallies, e.tallies(subjects...))
		}},
		{name: "forgets what another activation proved", run: func(e *env) {
			w, other := e.lived(), e.created(1)[0]
			subject := w.Subject(steps.MediumCarKey)
			change := other.Fail()
			proven := other.Evidence(steps.MediumCarKey)
			proven.Subject = subject
			change.Proven = []steps.Evidence{proven}
			e.commit(change)
			e.erase(w.Erase())
			require.Zero(e, e.evidence(subject)[0])
			e.requireShown(other)
		}},
		{name: "makes room for guards that nothing is known", run: func(e *env) {
			w, other := e.lived(), e.created(1)[0]
			subject := w.Subject(steps.MediumCarKey)
			known := e.evidence(subject)
			e.erase(w.Erase())
			stale := other.twin(1).Fail()
			stale.Rests.Evidence = known
			require.ErrorIs(e, e.results(stale)[0], store.ErrConflict)
			stale.Rests = store.Rests{Tallies: []steps.Tally{{Subject: subject, Revision: 2}}}
			require.ErrorIs(e, e.results(stale)[0], store.ErrConflict)
			change := counting(other, subject, 0)
			change.Rests.Evidence = []steps.Evidence{{Subject: subject}}
			e.commit(change)
			require.Equal(e, change.Tallies, e.tallies(subject))
		}},
		{name: "forgets evidence and tallies for good", reopens: true, run: func(e *env) {
			w := e.lived()
			subjects := w.Subjects()
			e.erase(w.Erase())
			e.reopen()
			require.Equal(e, make([]steps.Evidence, len(subjects)), e.evidence(subjects...))
			require.Equal(e, make([]steps.Tally, len(subjects)), e.tallies(subjects...))
		}},
	}
}

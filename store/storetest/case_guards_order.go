package storetest

import (
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// guardOrderCases are about guards of changes that meet at one subject.
func guardOrderCases() []testCase {
	const step = steps.MediumCarKey
	return []testCase{
		{name: "of two in one batch that rest on one tally, the first wins", run: func(e *env) {
			w := e.created(3)
			e.requireFirstWins(counting(w[0], w[0].Subject(step), 0), counting(w[1], w[0].Subject(step), 0), w[2])
			require.EqualValues(e, 1, e.tallies(w[0].Subject(step))[0].Revision)
		}},
		{name: "of two in one batch that rest on no evidence, the first wins", run: func(e *env) {
			w := e.created(3)
			subject := w[0].Subject(step)
			first, second := proving(w[0], subject), proving(w[1], subject)
			e.requireFirstWins(first, second, w[2])
			require.Equal(e, first.Proven, e.evidence(subject))
		}},
		{name: "of two in one batch that rest on evidence that the first withdraws, the first wins", run: func(e *env) {
			w := e.created(3)
			proven := e.prove(w[0], step)
			first, second := w[0].Fail(), w[1].Fail()
			first.Rests, second.Rests = onEvidence(proven), onEvidence(proven)
			first.Withdrawn = []steps.Subject{proven.Subject}
			second.Proven = []steps.Evidence{w[1].Evidence(step)}
			e.requireFirstWins(first, second, w[2])
			require.Equal(e, make([]steps.Evidence, 2), e.evidence(proven.Subject, w[1].Subject(step)))
		}},
		{name: "of two creations in one batch that rest on one tally, the first wins", run: func(e *env) {
			first, second, bystander := e.walk(), e.walk(), e.created(1)[0]
			creating := func(w *Walk) store.Change {
				change := w.Create()
				change.Rests.Tallies = []steps.Tally{{Subject: first.Subject(step)}}
				change.Tallies = []steps.Tally{first.Tally(step, 1)}
				return change
			}
			a := creating(first)
			b := creating(second)
			e.requireFirstWins(a, b, bystander)
			require.Zero(e, e.load(second.Activation.StepsID))
			e.requireNotFound(second.Activation.Binding)
		}},
		{name: "the second in a batch rests on what the first left", run: func(e *env) {
			w := e.created(4)
			subject := w[0].Subject(step)
			first := proving(w[0], subject)
			second, third := w[1].Fail(), w[2].Fail()
			second.Rests = onEvidence(first.Proven...)
			second.Withdrawn = []steps.Subject{subject}
			third.Rests = onEvidence(steps.Evidence{Subject: subject})
			e.commit(first, second, third)
			require.Zero(e, e.evidence(subject)[0])

			changes := make([]store.Change, len(w))
			for i := range w {
				changes[i] = counting(w[i], subject, uint32(i))
			}
			e.commit(changes...)
			require.EqualValues(e, len(w), e.tallies(subject)[0].Revision)
		}},
		{name: "the second in a batch does not see what was refused before it", run: func(e *env) {
			w := e.created(2)
			subject := w[0].Subject(step)
			stale := counting(w[0].at(9), subject, 0)
			second := counting(w[1], subject, 0)
			results := e.results(stale, second)
			require.ErrorIs(e, results[0], store.ErrConflict)
			require.NoError(e, results[1])
			require.Equal(e, second.Tallies, e.tallies(subject))
		}},
		{name: "rest on what is stored before the change itself", run: func(e *env) {
			w := e.created(1)[0]
			subject := w.Subject(step)
			first := proving(w, subject)
			e.commit(first)
			again := w.Fail()
			again.Rests = onEvidence(first.Proven...)
			again.Withdrawn = []steps.Subject{subject}
			again.Proven = []steps.Evidence{w.Evidence(step)}
			e.commit(again)
			require.Equal(e, again.Proven, e.evidence(subject))
		}},
		{name: "hold again once what was withdrawn is proven alike", run: func(e *env) {
			w := e.created(1)[0]
			proven := e.prove(w, step)
			e.withdraw(w, proven.Subject)
			change := w.twin(1).Fail()
			change.Rests = onEvidence(proven)
			require.ErrorIs(e, e.results(change)[0], store.ErrConflict)
			again := w.Fail()
			again.Proven = []steps.Evidence{proven}
			e.commit(again)
			change = w.Fail()
			change.Rests = onEvidence(proven)
			e.commit(change)
		}},
		{name: "each of 64 is held against what is stored", run: func(e *env) {
			w := e.walk(StepNames(steps.MaxSteps)...)
			change := w.Create()
			for _, subject := range w.Subjects() {
				change.Rests.Evidence = append(change.Rests.Evidence, steps.Evidence{Subject: subject})
				change.Rests.Tallies = append(change.Rests.Tallies, steps.Tally{Subject: subject})
			}
			e.commit(change)
			e.requireShown(w)
			e.count(w, w.Names[steps.MaxSteps-1], 1)
			stale := w.twin(1).Fail()
			stale.Rests = change.Rests
			require.ErrorIs(e, e.results(stale)[0], store.ErrConflict)
			e.requireShown(w)
		}},
	}
}

// counting moves a walk on by a failure that rests on a tally's revision and
// counts on.
func counting(w *Walk, subject steps.Subject, revision uint32) store.Change {
	change := w.Fail()
	counted := w.Tally(subject.Step, revision+1)
	counted.Subject = subject
	change.Rests.Tallies = []steps.Tally{{Subject: subject, Revision: revision}}
	change.Tallies = []steps.Tally{counted}
	return change
}

// proving moves a walk on by a change that proves what nobody had proven.
func proving(w *Walk, subject steps.Subject) store.Change {
	change := w.Complete()
	proven := w.Evidence(subject.Step)
	proven.Subject = subject
	change.Rests.Evidence = []steps.Evidence{{Subject: subject}}
	change.Proven = []steps.Evidence{proven}
	return change
}

// requireFirstWins commits two changes, and one of a bystander between them, and
// requires that the second is a conflict that fails alone.
func (e *env) requireFirstWins(first, second store.Change, bystander *Walk) {
	e.Helper()
	id := second.Activation.StepsID
	before := e.load(id)
	results := e.results(first, bystander.Fail(), second)
	require.NoError(e, results[0])
	require.NoError(e, results[1])
	require.ErrorIs(e, results[2], store.ErrConflict)
	require.Equal(e, first.Activation, e.load(first.Activation.StepsID))
	require.Equal(e, before, e.load(id))
	require.Len(e, e.history(id), int(before.Revision))
	e.requireShown(bystander)
}

package storetest

import (
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

func talliesCases() []testCase {
	const step = steps.MediumCarKey
	cases := []testCase{
		{name: "of nothing", run: func(e *env) {
			require.Empty(e, e.tallies())
		}},
		{name: "are absent at first", run: func(e *env) {
			w := e.created(1)[0]
			require.Equal(e, make([]steps.Tally, 2), e.tallies(w.Subject(step), steps.Subject{}))
		}},
		{name: "are remembered", run: func(e *env) {
			w := e.created(1)[0]
			counted := e.count(w, step, 1)
			require.Equal(e, []steps.Tally{counted}, e.tallies(counted.Subject))
		}},
		{name: "come with a creation", run: func(e *env) {
			w := e.walk()
			change := w.Create()
			change.Tallies = []steps.Tally{w.Tally(step, 1)}
			e.commit(change)
			require.Equal(e, change.Tallies, e.tallies(w.Subject(step)))
		}},
		{name: "are replaced, whatever they were", run: func(e *env) {
			w := e.created(1)[0]
			for _, revision := range []uint32{1, 2, 7, 3} {
				counted := e.count(w, step, revision)
				require.Equal(e, []steps.Tally{counted}, e.tallies(counted.Subject))
			}
		}},
		{name: "are replaced by another activation", run: func(e *env) {
			w := e.created(2)
			w[1].Activation.User, w[1].Activation.VIN = w[0].Activation.User, w[0].Activation.VIN
			e.count(w[0], step, 1)
			second := e.count(w[1], step, 2)
			require.Equal(e, []steps.Tally{second}, e.tallies(w[0].Subject(step)))
		}},
		{name: "of several subjects in one change", run: func(e *env) {
			w := e.created(1)[0]
			change := w.Fail()
			change.Tallies = []steps.Tally{w.Tally(steps.TrustedPhone, 3), w.Tally(step, 1), w.Tally(steps.DeviceActivation, 2)}
			e.commit(change)
			require.Equal(e, change.Tallies, e.tallies(talliedSubjects(change.Tallies)...))
		}},
		{name: "in the order of the subjects, with absent ones and some twice", run: func(e *env) {
			w := e.created(3)
			a, c := e.count(w[0], step, 1), e.count(w[2], step, 2)
			require.Equal(e, []steps.Tally{c, {}, a, c}, e.tallies(c.Subject, w[1].Subject(step), a.Subject, c.Subject))
		}},
		{name: "are no evidence, and evidence is none", run: func(e *env) {
			w := e.created(1)[0]
			counted := e.count(w, step, 1)
			require.Zero(e, e.evidence(counted.Subject)[0])
			proven := e.prove(w, steps.TrustedPhone)
			require.Zero(e, e.tallies(proven.Subject)[0])
		}},
		{name: "stay when evidence of their subject comes and goes", run: func(e *env) {
			w := e.created(1)[0]
			counted := e.count(w, step, 1)
			e.prove(w, step)
			require.Equal(e, []steps.Tally{counted}, e.tallies(counted.Subject))
			e.commit(w.Reset())
			require.Zero(e, e.evidence(counted.Subject)[0])
			require.Equal(e, []steps.Tally{counted}, e.tallies(counted.Subject))
		}},
		{name: "within a batch, the last change wins", run: func(e *env) {
			w := e.created(2)
			first, last := w[0].Fail(), w[1].Fail()
			first.Tallies = []steps.Tally{w[0].Tally(step, 2)}
			last.Tallies = []steps.Tally{w[1].Tally(step, 1)}
			last.Tallies[0].Subject = w[0].Subject(step)
			e.commit(first, last)
			require.Equal(e, last.Tallies, e.tallies(w[0].Subject(step)))
		}},
		{name: "of 500 subjects", run: func(e *env) {
			walks := e.created(500)
			changes := make([]store.Change, len(walks))
			var counted []steps.Tally
			for i, w := range walks {
				changes[i] = w.Fail()
				changes[i].Tallies = []steps.Tally{w.Tally(step, uint32(i+1))}
				counted = append(counted, changes[i].Tallies...)
			}
			e.commit(changes...)
			require.Equal(e, counted, e.tallies(talliedSubjects(counted)...))
		}},
	}
	for _, s := range nearSubjects {
		cases = append(cases, testCase{name: "of another " + s.name + " are others", run: func(e *env) {
			w := e.created(1)[0]
			first := e.count(w, step, 1)
			second := first
			second.Subject, second.Revision = s.near(first.Subject), 2
			require.Zero(e, e.tallies(second.Subject)[0])
			change := w.Fail()
			change.Tallies = []steps.Tally{second}
			e.commit(change)
			require.Equal(e, []steps.Tally{first, second}, e.tallies(first.Subject, second.Subject))
		}})
	}
	return cases
}

// count commits a tally of a step at a revision.
func (e *env) count(w *Walk, step string, revision uint32) steps.Tally {
	e.Helper()
	change := w.Fail()
	counted := w.Tally(step, revision)
	change.Tallies = []steps.Tally{counted}
	e.commit(change)
	return counted
}

func talliedSubjects(counted []steps.Tally) []steps.Subject {
	subjects := make([]steps.Subject, len(counted))
	for i := range counted {
		subjects[i] = counted[i].Subject
	}
	return subjects
}

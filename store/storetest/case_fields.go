package storetest

import (
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// fieldCases require that every datum comes back, in whatever way it is asked
// for.
func fieldCases() []testCase {
	var cases []testCase
	for _, v := range variants() {
		cases = append(cases, testCase{name: v.name, run: func(e *env) {
			w := e.commitVariant(v)
			e.requireShown(w)
			e.requireFeed(w)
		}})
	}
	for _, v := range evidenceVariants() {
		cases = append(cases, testCase{name: "evidence " + v.name, run: func(e *env) {
			proven := e.commitEvidence(v)
			require.Equal(e, []steps.Evidence{proven}, e.evidence(proven.Subject))
		}})
	}
	for _, v := range tallyVariants() {
		cases = append(cases, testCase{name: "a tally " + v.name, run: func(e *env) {
			counted := e.commitTally(v)
			require.Equal(e, []steps.Tally{counted}, e.tallies(counted.Subject))
		}})
	}
	return cases
}

// reopenCases require the same after a restart.
func reopenCases() []testCase {
	cases := []testCase{
		{name: "an empty store", run: func(e *env) {
			e.reopen()
			require.Empty(e, e.list(store.Query{}))
			require.Empty(e, e.feed(""))
			e.requireShown(e.created(1)[0])
		}},
		{name: "keeps all that it showed", run: func(e *env) {
			subjects := e.populate()
			before := e.see(subjects...)
			e.reopen()
			e.requireSeen(before, subjects...)
			e.reopen()
			e.requireSeen(before, subjects...)
		}},
		{name: "keeps a filter's answers", run: func(e *env) {
			e.populate()
			queries := []store.Query{
				{State: steps.DeviceActivation},
				{State: steps.StateActivated},
				{State: steps.TrustedPhone},
				{Service: steps.RemoteCommands},
				{Service: steps.VehicleStatus},
			}
			var before [][]steps.ID
			for _, q := range queries {
				before = append(before, e.list(q))
			}
			e.reopen()
			for i, q := range queries {
				require.Equal(e, before[i], e.list(q), "%+v", q)
			}
		}},
		{name: "withdrawn evidence stays away", run: func(e *env) {
			w := e.created(1)[0]
			proven := e.prove(w, steps.TrustedPhone)
			e.withdraw(w, proven.Subject)
			e.reopen()
			require.Zero(e, e.evidence(proven.Subject)[0])
		}},
		{name: "goes on where it was", run: func(e *env) {
			walks := e.created(5)
			for range 8 {
				for _, w := range walks {
					e.commit(w.Next())
				}
				e.reopen()
				for _, w := range walks {
					e.requireShown(w)
				}
			}
			e.requireFeed(walks...)
		}},
		{name: "keeps a batch of 4096", run: func(e *env) {
			walks := e.created(4096)
			e.reopen()
			for i, a := range e.loadAll(idsOf(walks)...) {
				require.Equal(e, walks[i].Activation, a)
			}
			e.requireFeed(walks...)
		}},
	}
	for _, r := range refusals {
		cases = append(cases, testCase{name: r.name + " is refused after it", run: func(e *env) {
			w, known, unknown := e.beforeRefusal()
			e.reopen()
			require.ErrorIs(e, e.results(r.change(e, w))[0], r.want)
			e.requireShown(w)
			require.Equal(e, []steps.Evidence{known, {}}, e.evidence(known.Subject, unknown.Subject))
		}}, testCase{name: r.name + " leaves no trace behind it", run: func(e *env) {
			w, known, unknown := e.beforeRefusal()
			change := r.change(e, w)
			change.Proven = []steps.Evidence{unknown}
			require.ErrorIs(e, e.results(change)[0], r.want)
			e.reopen()
			e.requireShown(w)
			e.requireFeed(w)
			require.Equal(e, []steps.Evidence{known, {}}, e.evidence(known.Subject, unknown.Subject))
		}})
	}
	for _, v := range variants() {
		cases = append(cases, testCase{name: v.name, run: func(e *env) {
			w := e.commitVariant(v)
			e.reopen()
			e.requireShown(w)
			e.requireFeed(w)
		}})
	}
	for _, v := range evidenceVariants() {
		cases = append(cases, testCase{name: "evidence " + v.name, run: func(e *env) {
			proven := e.commitEvidence(v)
			e.reopen()
			require.Equal(e, []steps.Evidence{proven}, e.evidence(proven.Subject))
		}})
	}
	for _, v := range tallyVariants() {
		cases = append(cases, testCase{name: "a tally " + v.name, run: func(e *env) {
			counted := e.commitTally(v)
			e.reopen()
			require.Equal(e, []steps.Tally{counted}, e.tallies(counted.Subject))
		}})
	}
	for i := range cases {
		cases[i].reopens = true
	}
	return cases
}

// commitVariant commits a variant, change by change.
func (e *env) commitVariant(v variant) *Walk {
	e.Helper()
	w := e.walk()
	if v.plan > 0 {
		w = e.walk(StepNames(v.plan)...)
	}
	for _, change := range v.make(w) {
		e.commit(change)
	}
	return w
}

// populate commits activations of two services in several states, some with
// evidence, and returns the subjects of that.
func (e *env) populate() []steps.Subject {
	e.Helper()
	var subjects []steps.Subject
	for i := range 30 {
		w := e.walk()
		w.Activation.Service = []string{steps.RemoteCommands, steps.VehicleStatus}[i%2]
		e.commit(w.Create())
		for range i % 7 {
			e.commit(w.Next())
		}
		if i%3 == 0 {
			subjects = append(subjects, e.prove(w, steps.MediumCarKey).Subject)
		}
	}
	return subjects
}

package storetest

import (
	"errors"
	"math"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// grounds is what guards are held against: evidence of one step and a tally at
// revision 2 of the same subject, and a subject of which nothing is known.
type grounds struct {
	walk   *Walk
	proven steps.Evidence
	tally  steps.Tally
	absent steps.Subject
}

// guarded are what a change may rest on, and whether it is so.
var guarded = []struct {
	name  string
	holds bool
	rests func(k *grounds) store.Rests
}{
	{"nothing", true, func(*grounds) store.Rests { return store.Rests{} }},
	{"evidence as it is", true, func(k *grounds) store.Rests { return onEvidence(k.proven) }},
	{"evidence as it is, twice", true, func(k *grounds) store.Rests { return onEvidence(k.proven, k.proven) }},
	{"no evidence, of which there is none", true, func(k *grounds) store.Rests {
		return onEvidence(steps.Evidence{Subject: k.absent})
	}},
	{"no evidence, of which there is some", false, func(k *grounds) store.Rests {
		return onEvidence(steps.Evidence{Subject: k.proven.Subject})
	}},
	{"evidence of which there is none", false, func(k *grounds) store.Rests {
		return onEvidence(k.but(func(e *steps.Evidence) { e.Subject = k.absent }))
	}},
	{"evidence until a millisecond later", false, func(k *grounds) store.Rests {
		return onEvidence(k.but(func(e *steps.Evidence) { e.Until = e.Until.Add(time.Millisecond) }))
	}},
	{"evidence without an end", false, func(k *grounds) store.Rests {
		return onEvidence(k.but(func(e *steps.Evidence) { e.Until = time.Time{} }))
	}},
	{"evidence proven a millisecond earlier", false, func(k *grounds) store.Rests {
		return onEvidence(k.but(func(e *steps.Evidence) { e.At = e.At.Add(-time.Millisecond) }))
	}},
	{"evidence through another activation", false, func(k *grounds) store.Rests {
		return onEvidence(k.but(func(e *steps.Evidence) { e.StepsID++ }))
	}},
	{"evidence by another event", false, func(k *grounds) store.Rests {
		return onEvidence(k.but(func(e *steps.Evidence) { e.Event.ID += "0" }))
	}},
	{"evidence by another source", false, func(k *grounds) store.Rests {
		return onEvidence(k.but(func(e *steps.Evidence) { e.Event.Source += "0" }))
	}},
	{"evidence, the second of which is not so", false, func(k *grounds) store.Rests {
		return onEvidence(k.proven, k.but(func(e *steps.Evidence) { e.Subject = k.absent }))
	}},
	{"evidence, the first of which is not so", false, func(k *grounds) store.Rests {
		return onEvidence(steps.Evidence{Subject: k.proven.Subject}, steps.Evidence{Subject: k.absent})
	}},
	{"a tally at its revision", true, func(k *grounds) store.Rests { return k.onTally(2) }},
	{"a tally by its revision alone", true, func(k *grounds) store.Rests {
		return store.Rests{Tallies: []steps.Tally{{
			Subject: k.tally.Subject, Revision: 2, Failures: []time.Time{begin}, Total: 99, Opens: begin, Spent: true,
		}}}
	}},
	{"a tally a revision earlier", false, func(k *grounds) store.Rests { return k.onTally(1) }},
	{"a tally a revision later", false, func(k *grounds) store.Rests { return k.onTally(3) }},
	{"a tally far later", false, func(k *grounds) store.Rests { return k.onTally(math.MaxUint32) }},
	{"no tally, of which there is one", false, func(k *grounds) store.Rests { return k.onTally(0) }},
	{"no tally, of which there is none", true, func(k *grounds) store.Rests {
		return store.Rests{Tallies: []steps.Tally{{Subject: k.absent}}}
	}},
	{"a tally of which there is none", false, func(k *grounds) store.Rests {
		return store.Rests{Tallies: []steps.Tally{{Subject: k.absent, Revision: 1}}}
	}},
	{"tallies, the second of which is not so", false, func(k *grounds) store.Rests {
		return store.Rests{Tallies: []steps.Tally{k.tally, {Subject: k.absent, Revision: 1}}}
	}},
	{"evidence that is so and a tally that is not", false, func(k *grounds) store.Rests {
		return store.Rests{Evidence: []steps.Evidence{k.proven}, Tallies: []steps.Tally{{Subject: k.tally.Subject}}}
	}},
	{"a tally that is so and evidence that is not", false, func(k *grounds) store.Rests {
		return store.Rests{Evidence: []steps.Evidence{{Subject: k.proven.Subject}}, Tallies: []steps.Tally{k.tally}}
	}},
	{"all that there is, and that there is no more", true, func(k *grounds) store.Rests {
		return store.Rests{
			Evidence: []steps.Evidence{{Subject: k.absent}, k.proven},
			Tallies:  []steps.Tally{k.tally, {Subject: k.absent}},
		}
	}},
}

func onEvidence(guards ...steps.Evidence) store.Rests { return store.Rests{Evidence: guards} }

// but returns the evidence that is known, as altered.
func (k *grounds) but(alter func(e *steps.Evidence)) steps.Evidence {
	other := k.proven
	alter(&other)
	return other
}

func (k *grounds) onTally(revision uint32) store.Rests {
	return store.Rests{Tallies: []steps.Tally{{Subject: k.tally.Subject, Revision: revision}}}
}

// grounds commits what guards are held against.
func (e *env) grounds() *grounds {
	e.Helper()
	w := e.created(1)[0]
	e.count(w, steps.MediumCarKey, 1)
	proven := e.prove(w, steps.MediumCarKey)
	tally := e.count(w, steps.MediumCarKey, 2)
	return &grounds{walk: w, proven: proven, tally: tally, absent: w.Subject("never")}
}

func guardsCases() []testCase {
	var cases []testCase
	for _, g := range guarded {
		update := func(e *env, k *grounds) {
			w := k.walk.twin(1)
			change := w.Complete()
			change.Rests = g.rests(k)
			e.commitGuarded(k, w, change, g.holds)
		}
		creation := func(e *env, k *grounds) {
			w := e.walk()
			change := w.Create()
			change.Rests = g.rests(k)
			e.commitGuarded(k, w, change, g.holds)
		}
		cases = append(cases,
			testCase{name: "an update that rests on " + g.name, run: func(e *env) { update(e, e.grounds()) }},
			testCase{name: "a creation that rests on " + g.name, run: func(e *env) { creation(e, e.grounds()) }},
			testCase{name: "after a restart, what rests on " + g.name, reopens: true, run: func(e *env) {
				k := e.grounds()
				e.reopen()
				update(e, k)
			}},
		)
	}
	return append(cases, guardOrderCases()...)
}

// commitGuarded commits a change of a walk that also comes with evidence and a
// tally and takes evidence away, and requires that it takes effect, or that it
// is a conflict that leaves nothing behind.
func (e *env) commitGuarded(k *grounds, w *Walk, change store.Change, holds bool) {
	e.Helper()
	subjects := []steps.Subject{k.proven.Subject, k.absent, w.Subject(steps.TrustedPhone)}
	before := e.see(subjects...)
	change.Withdrawn = []steps.Subject{k.proven.Subject}
	change.Proven = []steps.Evidence{w.Evidence(steps.TrustedPhone)}
	change.Tallies = []steps.Tally{w.Tally(steps.TrustedPhone, 1)}
	err := e.results(change)[0]
	if holds {
		require.NoError(e, err)
		e.requireShown(w)
		require.Equal(e, []steps.Evidence{{}, {}, change.Proven[0]}, e.evidence(subjects...))
		require.Equal(e, []steps.Tally{k.tally, {}, change.Tallies[0]}, e.tallies(subjects...))
		return
	}
	for _, sentinel := range sentinels {
		require.Equal(e, sentinel == store.ErrConflict, errors.Is(err, sentinel), "%v is %v", err, sentinel)
	}
	e.requireSeen(before, subjects...)
	change.Rests = store.Rests{}
	e.commit(change) // its ID, its binding and its revision are as free as before
	e.requireShown(w)
}

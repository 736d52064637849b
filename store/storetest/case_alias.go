package storetest

import (
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// overwrites are what a caller may do to its own slices once Commit returned.
// What lies in an activation, an entry or a tally is not among them: nobody ever
// writes to those slices (package steps).
var overwrites = []struct {
	name      string
	overwrite func(changes []store.Change)
}{
	{"changes", func(changes []store.Change) { clear(changes) }},
	{"activations", func(changes []store.Change) {
		for i := range changes {
			changes[i].Activation.State = "overwritten"
		}
	}},
	{"entries", func(changes []store.Change) {
		for i := range changes {
			clear(changes[i].Entries)
		}
	}},
	{"evidence", func(changes []store.Change) {
		for i := range changes {
			clear(changes[i].Proven)
		}
	}},
	{"withdrawals", func(changes []store.Change) {
		for i := range changes {
			clear(changes[i].Withdrawn)
		}
	}},
	{"tallies", func(changes []store.Change) {
		for i := range changes {
			clear(changes[i].Tallies)
		}
	}},
	{"guards", func(changes []store.Change) {
		for i := range changes {
			clear(changes[i].Rests.Evidence)
			clear(changes[i].Rests.Tallies)
		}
	}},
}

func aliasCases() []testCase {
	cases := []testCase{
		{name: "a store leaves the changes as they are", run: func(e *env) {
			walks := e.created(4)
			changes := aliasChanges(walks)
			before := copyChanges(changes)
			e.commit(changes...)
			e.commit(aliasChanges(walks)...)
			require.Equal(e, before, changes)
		}},
		{name: "a store leaves what lies behind the changes as it is", run: func(e *env) {
			walks := e.created(4)
			changes := append(make([]store.Change, 0, 8), aliasChanges(walks)...)
			for i := range changes {
				c := &changes[i]
				c.Entries = append(make([]steps.Entry, 0, 8), c.Entries...)
				c.Proven = append(make([]steps.Evidence, 0, 8), c.Proven...)
				c.Withdrawn = append(make([]steps.Subject, 0, 8), c.Withdrawn...)
				c.Tallies = append(make([]steps.Tally, 0, 8), c.Tallies...)
			}
			e.commit(changes...)
			e.commit(aliasChanges(walks)...)
			require.Equal(e, make([]store.Change, 4), changes[4:8])
			for _, c := range changes {
				require.Equal(e, make([]steps.Entry, 8-len(c.Entries)), c.Entries[len(c.Entries):8])
				require.Equal(e, make([]steps.Evidence, 8-len(c.Proven)), c.Proven[len(c.Proven):8])
				require.Equal(e, make([]steps.Subject, 8-len(c.Withdrawn)), c.Withdrawn[len(c.Withdrawn):8])
				require.Equal(e, make([]steps.Tally, 8-len(c.Tallies)), c.Tallies[len(c.Tallies):8])
			}
		}},
		{name: "a store leaves the IDs and subjects as they are", run: func(e *env) {
			walks := e.created(3)
			ids := []steps.ID{walks[2].Activation.StepsID, 5, walks[0].Activation.StepsID, walks[2].Activation.StepsID}
			wantIDs := append([]steps.ID{}, ids...)
			e.loadAll(ids...)
			e.histories(ids...)
			require.Equal(e, wantIDs, ids)
			subjects := []steps.Subject{walks[2].Subject("b"), walks[0].Subject("a"), walks[2].Subject("b")}
			wantSubjects := append([]steps.Subject{}, subjects...)
			e.evidence(subjects...)
			e.tallies(subjects...)
			require.Equal(e, wantSubjects, subjects)
		}},
	}
	for _, o := range overwrites {
		cases = append(cases, testCase{name: "a caller overwrites its " + o.name, run: func(e *env) {
			walks := e.created(4)
			changes := aliasChanges(walks)
			var proven []steps.Evidence
			var counted []steps.Tally
			for _, c := range changes {
				proven = append(proven, c.Proven...)
				counted = append(counted, c.Tallies...)
			}
			e.commit(changes...)
			o.overwrite(changes)
			for _, w := range walks {
				e.requireShown(w)
			}
			e.requireFeed(walks...)
			require.Equal(e, proven, e.evidence(subjectsOf(proven)...))
			require.Equal(e, counted, e.tallies(talliedSubjects(counted)...))
			e.commit(aliasChanges(walks)...)
			for _, w := range walks {
				e.requireShown(w)
			}
		}})
	}
	for _, r := range returned {
		cases = append(cases, testCase{name: "a caller overwrites what " + r.name + " returned", run: func(e *env) {
			walks := e.withDeadlines(4)
			changes := aliasChanges(walks)
			e.commit(changes...)
			subjects := subjectsOf(changes[0].Proven)
			before := e.see(subjects...)
			r.overwrite(e, walks, subjects)
			e.requireSeen(before, subjects...)
			for _, w := range walks {
				e.requireShown(w)
			}
		}})
	}
	return append(cases, eraseAliasCases()...)
}

// aliasChanges moves each walk on by two entries, which rest on what is so, with
// a tally, evidence that comes and evidence that goes.
func aliasChanges(walks []*Walk) []store.Change {
	changes := make([]store.Change, len(walks))
	for i, w := range walks {
		changes[i] = Join(w.Fail(), w.Refuse())
		changes[i].Proven = []steps.Evidence{w.Evidence(steps.TrustedPhone)}
		changes[i].Withdrawn = []steps.Subject{w.Subject(steps.MediumCarKey)}
		changes[i].Tallies = []steps.Tally{w.Tally(steps.TrustedPhone, 1)}
		changes[i].Rests = store.Rests{
			Evidence: []steps.Evidence{{Subject: w.Subject(steps.MediumCarKey)}},
			Tallies:  []steps.Tally{{Subject: w.Subject(steps.MediumCarKey)}},
		}
	}
	return changes
}

// returned overwrite what each method returned.
var returned = []struct {
	name      string
	overwrite func(e *env, walks []*Walk, subjects []steps.Subject)
}{
	{"Load", func(e *env, walks []*Walk, _ []steps.Subject) { clear(e.loadAll(idsOf(walks)...)) }},
	{"History", func(e *env, walks []*Walk, _ []steps.Subject) { clear(e.histories(idsOf(walks)...)) }},
	{"History, entry by entry", func(e *env, walks []*Walk, _ []steps.Subject) {
		for _, entries := range e.histories(idsOf(walks)...) {
			clear(entries)
			_ = append(entries, steps.Entry{Of: 7})
		}
	}},
	{"Evidence", func(e *env, _ []*Walk, subjects []steps.Subject) { clear(e.evidence(subjects...)) }},
	{"Tallies", func(e *env, _ []*Walk, subjects []steps.Subject) { clear(e.tallies(subjects...)) }},
	{"Due", func(e *env, _ []*Walk, _ []steps.Subject) { clear(e.due(endOfTime, 10)) }},
	{"Scan", func(e *env, _ []*Walk, _ []steps.Subject) { clear(e.scan(0, 10)) }},
	{"Scan, entry by entry", func(e *env, _ []*Walk, _ []steps.Subject) {
		for _, scanned := range e.scan(0, 10) {
			clear(scanned.Entries)
			_ = append(scanned.Entries, steps.Entry{Of: 7})
		}
	}},
	{"List", func(e *env, _ []*Walk, _ []steps.Subject) {
		listed, err := e.st.List(e.Context(), store.Query{})
		require.NoError(e, err)
		clear(listed)
	}},
	{"Changes", func(e *env, _ []*Walk, _ []steps.Subject) { clear(e.changes("", 1000)) }},
	{"Commit", func(e *env, walks []*Walk, _ []steps.Subject) {
		stale := walks[0].at(1).Fail()
		clear(e.results(stale))
		require.ErrorIs(e, e.results(stale)[0], store.ErrConflict)
	}},
}

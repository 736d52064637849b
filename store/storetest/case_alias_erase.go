package storetest

import (
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// eraseAliasCases are about slices on either side of an erasure.
func eraseAliasCases() []testCase {
	return []testCase{
		{name: "an erasure leaves what readers hold as it is", run: func(e *env) {
			w := e.lived()
			id := w.Activation.StepsID
			a, entries, scanned, told := e.load(id), e.history(id), e.scan(0, 10), e.feed("")
			wantActivation, wantEntries := copyActivation(a), copyEntries(entries)
			e.erase(w.Erase())
			require.Equal(e, wantActivation, a)
			require.Equal(e, wantEntries, entries)
			require.Equal(e, wantActivation, scanned[0].Activation)
			e.requireEntries(wantEntries, scanned[0].Entries)
			for i := range told {
				e.requireEntries(wantEntries[i:i+1], []steps.Entry{told[i].Entry})
			}
			e.requireShown(w)
		}},
		{name: "an erasure leaves the changes before it as they are", run: func(e *env) {
			w := e.walk()
			w.Proves = true
			changes := []store.Change{Join(w.Create(), w.Complete())}
			changes[0].Tallies = []steps.Tally{w.Tally(steps.TrustedPhone, 1)}
			before := copyChanges(changes)
			e.commit(changes...)
			e.erase(w.Erase())
			require.Equal(e, before, changes)
		}},
		{name: "a store leaves the erasures, and what lies behind them, as they are", run: func(e *env) {
			first, second := e.lived(), e.lived()
			erasures := []store.Erasure{second.Erase(), first.Erase()}
			for i := range erasures {
				erasures[i].Entries = append(make([]steps.Entry, 0, 8), erasures[i].Entries...)
				erasures[i].Subjects = append(make([]steps.Subject, 0, 8), erasures[i].Subjects...)
			}
			before := copyErasures(erasures)
			e.erase(erasures...)
			require.Equal(e, before, erasures)
			for _, erasure := range erasures {
				require.Equal(e, make([]steps.Entry, 8-len(erasure.Entries)), erasure.Entries[len(erasure.Entries):8])
				require.Equal(e, make([]steps.Subject, 8-len(erasure.Subjects)), erasure.Subjects[len(erasure.Subjects):8])
			}
		}},
		{name: "a caller overwrites its erasures", run: func(e *env) {
			first, second := e.lived(), e.lived()
			erasures := []store.Erasure{second.Erase(), first.Erase()}
			subjects := erasures[0].Subjects
			e.erase(erasures...)
			for i := range erasures {
				clear(erasures[i].Entries)
				clear(erasures[i].Subjects)
			}
			clear(erasures)
			clear(subjects)
			e.requireShown(first)
			e.requireShown(second)
			e.requireFeed(first, second)
		}},
		{name: "a caller overwrites what Erase returned", run: func(e *env) {
			w := e.lived()
			stale := w.eraseAhead(1)
			clear(e.erasureResults(stale))
			require.ErrorIs(e, e.erasureResults(stale)[0], store.ErrConflict)
			e.requireShown(w)
		}},
	}
}

package storetest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// batchSize is how many changes the batches with conflicts have.
const batchSize = 9

// conflictPlaces say which changes of a batch are conflicts.
var conflictPlaces = []struct {
	name     string
	conflict func(i int) bool
}{
	{"first", func(i int) bool { return i == 0 }},
	{"in the middle", func(i int) bool { return i == batchSize/2 }},
	{"last", func(i int) bool { return i == batchSize-1 }},
	{"at every other place", func(i int) bool { return i%2 == 1 }},
	{"at all places but one", func(i int) bool { return i != 5 }},
	{"everywhere", func(int) bool { return true }},
}

func batchCases() []testCase {
	cases := []testCase{
		{name: "of nothing", run: func(e *env) {
			require.Empty(e, e.st.Commit(e.Context(), nil))
			require.Empty(e, e.st.Commit(e.Context(), []store.Change{}))
			require.Empty(e, e.list(store.Query{}))
			require.Empty(e, e.feed(""))
		}},
		{name: "of creations and updates", run: func(e *env) {
			old := e.created(4)
			fresh := []*Walk{e.walk(), e.walk(), e.walk(), e.walk()}
			var changes []store.Change
			for i := range old {
				changes = append(changes, old[i].Complete(), Join(fresh[i].Create(), fresh[i].Complete()))
			}
			e.commit(changes...)
			for i := range old {
				e.requireShown(old[i])
				e.requireShown(fresh[i])
			}
			e.requireFeed(append(old, fresh...)...)
		}},
		{name: "of every move", run: func(e *env) {
			walks := e.created(len(moves))
			changes := make([]store.Change, len(moves))
			for i, m := range moves {
				changes[i] = m.move(walks[i])
			}
			e.commit(changes...)
			for _, w := range walks {
				e.requireShown(w)
			}
		}},
		{name: "of two creations of one binding has the first win", run: func(e *env) {
			first, second, bystander := e.walk(), e.walk(), e.walk()
			second.Activation.Binding = first.Activation.Binding
			results := e.results(first.Create(), second.Create(), bystander.Create())
			require.NoError(e, results[0])
			require.ErrorIs(e, results[1], store.ErrExists)
			require.NoError(e, results[2])
			require.Zero(e, e.load(second.Activation.StepsID))
			e.requireShown(first)
			e.requireShown(bystander)
			e.requireFeed(first, bystander)
		}},
		{name: "of 4096 creations and 4096 updates", run: func(e *env) {
			const n = 4096
			walks := e.created(n)
			changes := make([]store.Change, n)
			for i, w := range walks {
				if i%7 == 0 {
					changes[i] = w.at(5).Fail()
				} else {
					changes[i] = w.Complete()
				}
			}
			for i, err := range e.results(changes...) {
				if i%7 == 0 {
					require.ErrorIs(e, err, store.ErrConflict, "change %d", i)
				} else {
					require.NoError(e, err, "change %d", i)
				}
			}
			loaded := e.loadAll(idsOf(walks)...)
			histories := e.histories(idsOf(walks)...)
			for i, w := range walks {
				require.Equal(e, w.Activation, loaded[i])
				e.requireEntries(w.Entries, histories[i])
			}
			e.requireFeed(walks...)
		}},
		{name: "twice is refused the second time", run: func(e *env) {
			walks := e.created(3)
			changes := []store.Change{walks[0].Complete(), walks[1].Fail(), walks[2].Reset()}
			e.commit(changes...)
			for _, err := range e.results(changes...) {
				require.ErrorIs(e, err, store.ErrConflict)
			}
			e.requireFeed(walks...)
		}},
	}
	for _, place := range conflictPlaces {
		cases = append(cases,
			testCase{name: fmt.Sprintf("with stale updates %s", place.name), run: func(e *env) {
				e.batchWithConflicts(place.conflict, store.ErrConflict, e.created(batchSize), func(w *Walk) store.Change {
					return w.at(2).Fail()
				})
			}},
			testCase{name: fmt.Sprintf("with taken bindings %s", place.name), run: func(e *env) {
				taken := e.created(1)[0]
				walks := e.created(batchSize)
				e.batchWithConflicts(place.conflict, store.ErrExists, walks, func(*Walk) store.Change {
					other := e.walk()
					other.Activation.Binding = taken.Activation.Binding
					return other.Create()
				})
				e.requireShown(taken)
			}},
		)
	}
	return cases
}

// batchWithConflicts commits an update of each walk, some of which are replaced
// by conflicts, and requires that each conflict fails alone.
func (e *env) batchWithConflicts(conflict func(i int) bool, want error, walks []*Walk, instead func(*Walk) store.Change) {
	e.Helper()
	end := e.endOfFeed()
	changes := make([]store.Change, len(walks))
	var winners []steps.ID
	for i, w := range walks {
		if conflict(i) {
			changes[i] = instead(w)
			continue
		}
		changes[i] = w.Complete()
		changes[i].Proven = []steps.Evidence{w.Evidence(steps.TrustedPhone)}
		winners = append(winners, w.Activation.StepsID)
	}
	results := e.results(changes...)

	for i, w := range walks {
		e.requireShown(w)
		if conflict(i) {
			require.ErrorIs(e, results[i], want, "change %d", i)
			continue
		}
		require.NoError(e, results[i], "change %d", i)
		require.Equal(e, changes[i].Proven, e.evidence(w.Subject(steps.TrustedPhone)))
	}
	var told []steps.ID
	for _, t := range e.feed(end) {
		told = append(told, t.StepsID)
	}
	require.Equal(e, winners, told, "the feed tells the changes that took effect, in their order")
}

// endOfFeed returns the cursor behind everything in the feed.
func (e *env) endOfFeed() store.Cursor {
	e.Helper()
	feed := e.feed("")
	if len(feed) == 0 {
		return ""
	}
	return feed[len(feed)-1].Cursor
}

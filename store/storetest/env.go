package storetest

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// env is what a case works with.
type env struct {
	testing.TB
	harness Harness
	st      store.Store
	seed    uint64 // of the newest walk
}

// walk returns a walk like no other of the case, not yet created.
func (e *env) walk(names ...string) *Walk {
	e.seed++
	return NewWalk(e.seed, names...)
}

// created returns n walks whose creation is committed.
func (e *env) created(n int) []*Walk {
	e.Helper()
	walks := make([]*Walk, n)
	changes := make([]store.Change, n)
	for i := range walks {
		walks[i] = e.walk()
		changes[i] = walks[i].Create()
	}
	e.commit(changes...)
	return walks
}

// commit commits changes, each of which must become durable.
func (e *env) commit(changes ...store.Change) {
	e.Helper()
	for i, err := range e.results(changes...) {
		require.NoError(e, err, "change %d of %d", i, len(changes))
	}
}

// results commits changes and returns what became of each.
func (e *env) results(changes ...store.Change) []error {
	e.Helper()
	results := e.st.Commit(e.Context(), changes)
	require.Len(e, results, len(changes), "Commit returns one result a change")
	return results
}

// erase commits erasures, each of which must become durable.
func (e *env) erase(erasures ...store.Erasure) {
	e.Helper()
	for i, err := range e.erasureResults(erasures...) {
		require.NoError(e, err, "erasure %d of %d", i, len(erasures))
	}
}

// erasureResults commits erasures and returns what became of each.
func (e *env) erasureResults(erasures ...store.Erasure) []error {
	e.Helper()
	results := e.st.Erase(e.Context(), erasures)
	require.Len(e, results, len(erasures), "Erase returns one result an erasure")
	return results
}

// load returns an activation, or the zero Activation.
func (e *env) load(id steps.ID) steps.Activation {
	e.Helper()
	return e.loadAll(id)[0]
}

// loadAll returns many activations.
func (e *env) loadAll(ids ...steps.ID) []steps.Activation {
	e.Helper()
	loaded, err := e.st.Load(e.Context(), ids)
	require.NoError(e, err)
	require.Len(e, loaded, len(ids))
	return loaded
}

// history returns the entries of an activation.
func (e *env) history(id steps.ID) []steps.Entry {
	e.Helper()
	return e.histories(id)[0]
}

// histories returns the entries of many activations.
func (e *env) histories(ids ...steps.ID) [][]steps.Entry {
	e.Helper()
	histories, err := e.st.History(e.Context(), ids)
	require.NoError(e, err)
	require.Len(e, histories, len(ids))
	return histories
}

// evidence returns what is proven for subjects.
func (e *env) evidence(subjects ...steps.Subject) []steps.Evidence {
	e.Helper()
	known, err := e.st.Evidence(e.Context(), subjects)
	require.NoError(e, err)
	require.Len(e, known, len(subjects))
	return known
}

// tallies returns what is counted for subjects.
func (e *env) tallies(subjects ...steps.Subject) []steps.Tally {
	e.Helper()
	counted, err := e.st.Tallies(e.Context(), subjects)
	require.NoError(e, err)
	require.Len(e, counted, len(subjects))
	return counted
}

// due returns the IDs of up to limit activations that are due.
func (e *env) due(now time.Time, limit int) []steps.ID {
	e.Helper()
	ids, err := e.st.Due(e.Context(), now, limit)
	require.NoError(e, err)
	return ids
}

// scan returns one page of the scan.
func (e *env) scan(after steps.ID, limit int) []store.Scanned {
	e.Helper()
	scanned, err := e.st.Scan(e.Context(), after, limit)
	require.NoError(e, err)
	return scanned
}

// list returns the IDs of the activations that match.
func (e *env) list(q store.Query) []steps.ID {
	e.Helper()
	listed, err := e.st.List(e.Context(), q)
	require.NoError(e, err)
	ids := make([]steps.ID, len(listed))
	for i := range listed {
		ids[i] = listed[i].StepsID
	}
	return ids
}

// changes returns one page of the feed.
func (e *env) changes(after store.Cursor, limit int) []store.Told {
	e.Helper()
	told, err := e.st.Changes(e.Context(), after, limit)
	require.NoError(e, err)
	return told
}

// feed returns the whole feed behind a cursor.
func (e *env) feed(after store.Cursor) []store.Told {
	e.Helper()
	const page = 500
	feed := []store.Told{}
	for {
		told := e.changes(after, page)
		if len(told) == 0 {
			return feed
		}
		require.LessOrEqual(e, len(told), page)
		require.NotEqual(e, after, told[len(told)-1].Cursor, "the feed goes on")
		feed = append(feed, told...)
		after = told[len(told)-1].Cursor
	}
}

// reopen closes the store and goes on with what it kept.
func (e *env) reopen() {
	e.Helper()
	require.NoError(e, e.st.Close())
	e.use(e.harness.Reopen(e.TB, e.st))
}

// together runs n functions at once and requires that none returns an error.
func (e *env) together(n int, run func(i int) error) {
	e.Helper()
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = run(i)
		})
	}
	close(start)
	wg.Wait()
	for _, err := range errs {
		require.NoError(e, err)
	}
}

// idsOf returns the IDs of walks, in their order.
func idsOf(walks []*Walk) []steps.ID {
	ids := make([]steps.ID, len(walks))
	for i, w := range walks {
		ids[i] = w.Activation.StepsID
	}
	return ids
}

package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// endOfTime is when everything that ever falls due is.
var endOfTime = time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)

// requireShown requires that everything the store shows of an activation is
// what its walk says.
func (e *env) requireShown(w *Walk) {
	e.Helper()
	want := w.Activation
	require.Equal(e, want, e.load(want.StepsID), "Load")
	if want.State == steps.StateErased {
		e.requireNotFound(want.Binding)
	} else {
		found, err := e.st.Find(e.Context(), want.Binding)
		require.NoError(e, err)
		require.Equal(e, want, found, "Find")
	}
	listed, err := e.st.List(e.Context(), store.Query{After: want.StepsID - 1, Limit: 1})
	require.NoError(e, err)
	require.Equal(e, []steps.Activation{want}, listed, "List")
	e.requireEntries(w.Entries, e.history(want.StepsID))
	e.requireScanned([]*Walk{w}, e.scan(want.StepsID-1, 1))
	e.requireDue(w)
	if heads, ok := e.st.(store.Heads); ok {
		if head, known := heads.Head(want.StepsID); known {
			require.Equal(e, want.Revision, head, "Head")
		}
	}
}

// requireDue requires that an activation is due when it says, and no sooner.
func (e *env) requireDue(w *Walk) {
	e.Helper()
	due, id := w.Activation.Due(), w.Activation.StepsID
	if due.IsZero() {
		require.NotContains(e, e.due(endOfTime, store.MaxLimit), id, "never due")
		return
	}
	require.Contains(e, e.due(due, store.MaxLimit), id, "due at %v", due)
	require.NotContains(e, e.due(due.Add(-time.Millisecond), store.MaxLimit), id, "due at %v", due)
}

// requireScanned requires that a scan shows these walks, in this order.
func (e *env) requireScanned(want []*Walk, got []store.Scanned) {
	e.Helper()
	require.Len(e, got, len(want), "scanned")
	for i, w := range want {
		require.NoError(e, got[i].Err)
		require.Equal(e, w.Activation.StepsID, got[i].StepsID, "scanned")
		require.Equal(e, w.Activation, got[i].Activation, "scanned")
		e.requireEntries(w.Entries, got[i].Entries)
	}
}

// requireEntries requires equal entries, where no steps at all may be nil or
// empty.
func (e *env) requireEntries(want, got []steps.Entry) {
	e.Helper()
	requireEach(e, plain(want), plain(got), "the entries")
}

// requireFeed requires that the whole feed tells these histories: each complete
// and in its order, and nothing else.
func (e *env) requireFeed(walks ...*Walk) {
	e.Helper()
	told := make(map[steps.ID][]steps.Entry)
	for _, t := range e.feed("") {
		told[t.StepsID] = append(told[t.StepsID], t.Entry)
	}
	require.Len(e, told, len(walks), "activations in the feed")
	for _, w := range walks {
		e.requireEntries(w.Entries, told[w.Activation.StepsID])
	}
}

// plain returns the entries with no steps at all as nil.
func plain(entries []steps.Entry) []steps.Entry {
	plain := make([]steps.Entry, len(entries))
	for i, entry := range entries {
		if len(entry.Steps) == 0 {
			entry.Steps = nil
		}
		plain[i] = entry
	}
	return plain
}

// sight is everything that a store shows.
type sight struct {
	list      []steps.Activation
	histories [][]steps.Entry
	scanned   []store.Scanned
	feed      []store.Told
	evidence  []steps.Evidence
	tallies   []steps.Tally
	due       []steps.ID
}

// see returns what the store shows, of evidence and tallies those of subjects.
func (e *env) see(subjects ...steps.Subject) sight {
	e.Helper()
	var s sight
	for after := steps.ID(0); ; {
		page, err := e.st.List(e.Context(), store.Query{After: after, Limit: store.MaxLimit})
		require.NoError(e, err)
		if len(page) == 0 {
			break
		}
		require.Greater(e, page[0].StepsID, after)
		s.list = append(s.list, page...)
		after = page[len(page)-1].StepsID
	}
	ids := make([]steps.ID, len(s.list))
	for i := range s.list {
		ids[i] = s.list[i].StepsID
	}
	s.histories = e.histories(ids...)
	s.scanned = e.scan(0, store.MaxLimit)
	s.feed = e.feed("")
	s.evidence = e.evidence(subjects...)
	s.tallies = e.tallies(subjects...)
	s.due = e.due(endOfTime, store.MaxLimit)
	return s
}

// requireSeen requires that the store shows what it showed before.
func (e *env) requireSeen(before sight, subjects ...steps.Subject) {
	e.Helper()
	now := e.see(subjects...)
	requireEach(e, before.list, now.list, "List")
	requireEach(e, before.histories, now.histories, "History")
	requireEach(e, before.scanned, now.scanned, "Scan")
	requireEach(e, before.feed, now.feed, "Changes")
	requireEach(e, before.evidence, now.evidence, "Evidence")
	requireEach(e, before.tallies, now.tallies, "Tallies")
	requireEach(e, before.due, now.due, "Due")
}

// requireEach requires equal slices, one by one: a report of the whole would
// take longer to make than anybody reads.
func requireEach[T any](e *env, want, got []T, what string) {
	e.Helper()
	require.Equal(e, len(want), len(got), "how many of %s", what)
	for i := range want {
		require.Equal(e, want[i], got[i], "%s, %d of %d", what, i+1, len(want))
	}
}

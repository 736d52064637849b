package storetest

import (
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// requireShown requires that everything the store shows of an activation is
// what its walk says.
func (e *env) requireShown(w *Walk) {
	e.Helper()
	want := w.Activation
	require.Equal(e, want, e.load(want.StepsID), "Load")
	found, err := e.st.Find(e.Context(), want.Binding)
	require.NoError(e, err)
	require.Equal(e, want, found, "Find")
	listed, err := e.st.List(e.Context(), store.Query{After: want.StepsID - 1, Limit: 1})
	require.NoError(e, err)
	require.Equal(e, []steps.Activation{want}, listed, "List")
	e.requireEntries(w.Entries, e.history(want.StepsID))
	if heads, ok := e.st.(store.Heads); ok {
		if head, known := heads.Head(want.StepsID); known {
			require.Equal(e, want.Revision, head, "Head")
		}
	}
}

// requireEntries requires equal entries, where no steps at all may be nil or
// empty.
func (e *env) requireEntries(want, got []steps.Entry) {
	e.Helper()
	require.Equal(e, plain(want), plain(got))
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
	feed      []store.Told
	evidence  []steps.Evidence
}

// see returns what the store shows, of evidence that of subjects.
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
	s.feed = e.feed("")
	s.evidence = e.evidence(subjects...)
	return s
}

// copyChanges returns changes that share no slice with the given ones.
func copyChanges(changes []store.Change) []store.Change {
	copies := slices.Clone(changes)
	for i := range copies {
		c := &copies[i]
		c.Activation.Proofs = slices.Clone(c.Activation.Proofs)
		c.Entries = slices.Clone(c.Entries)
		for j := range c.Entries {
			c.Entries[j].Steps = slices.Clone(c.Entries[j].Steps)
		}
		c.Proven = slices.Clone(c.Proven)
		c.Withdrawn = slices.Clone(c.Withdrawn)
	}
	return copies
}

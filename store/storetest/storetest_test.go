package storetest

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/memstore"
)

// journal is a memory store that can be opened again: it keeps what was written,
// and writes it again.
type journal struct {
	store.Store
	mu   sync.Mutex
	kept []written
}

// written is a change or an erasure.
type written struct {
	change  store.Change
	erasure *store.Erasure // nil: the change
}

func (j *journal) Commit(ctx context.Context, changes []store.Change) []error {
	j.mu.Lock()
	defer j.mu.Unlock()
	results := j.Store.Commit(ctx, changes)
	for i, c := range copyChanges(changes) {
		if results[i] == nil {
			j.kept = append(j.kept, written{change: c})
		}
	}
	return results
}

func (j *journal) Erase(ctx context.Context, erasures []store.Erasure) []error {
	j.mu.Lock()
	defer j.mu.Unlock()
	results := j.Store.Erase(ctx, erasures)
	for i, e := range copyErasures(erasures) {
		if results[i] == nil {
			j.kept = append(j.kept, written{erasure: &e})
		}
	}
	return results
}

func (j *journal) Head(id steps.ID) (uint32, bool) { return j.Store.(store.Heads).Head(id) }

func openJournal(testing.TB) store.Store { return &journal{Store: memstore.New()} }

// reopenJournal writes what remains of a journal after keep to a new one.
func reopenJournal(tb testing.TB, closed store.Store, keep func([]written) []written) store.Store {
	reopened := openJournal(tb)
	for _, again := range keep(closed.(*journal).kept) {
		if again.erasure != nil {
			require.NoError(tb, eraseOne(tb.Context(), reopened, *again.erasure))
		} else {
			require.NoError(tb, commitOne(tb.Context(), reopened, again.change))
		}
	}
	return reopened
}

var journalHarness = Harness{
	Open: openJournal,
	Reopen: func(tb testing.TB, closed store.Store) store.Store {
		return reopenJournal(tb, closed, func(kept []written) []written { return kept })
	},
}

// TestSuite runs every case, those that need a restart among them.
func TestSuite(t *testing.T) { Run(t, journalHarness) }

// TestSuiteOnPlainStore runs the suite on a store that is no store.Heads and
// has no restart.
func TestSuiteOnPlainStore(t *testing.T) {
	var passed, skipped int
	h := Harness{Open: func(testing.TB) store.Store { return struct{ store.Store }{memstore.New()} }}
	for _, g := range suite() {
		for _, c := range g.cases {
			reports, skip := tryCase(t, c, h)
			require.Empty(t, reports, "%s/%s", g.name, c.name)
			if skip {
				skipped++
			} else {
				passed++
			}
		}
	}
	require.GreaterOrEqual(t, passed, 120)
	require.Equal(t, skipped, countCases(func(g group, c testCase) bool { return c.reopens || g.name == "heads" }))
}

// TestCases holds the suite's own promises: at least 120 cases, each with a
// name of its own.
func TestCases(t *testing.T) {
	names := make(map[string]bool)
	for _, g := range suite() {
		for _, c := range g.cases {
			name := g.name + "/" + c.name
			require.False(t, names[name], "%s stands twice", name)
			names[name] = true
		}
	}
	require.GreaterOrEqual(t, len(names), 120)
	t.Logf("%d cases, of which %d need a restart", len(names), countCases(func(_ group, c testCase) bool { return c.reopens }))
}

func countCases(counts func(g group, c testCase) bool) int {
	var n int
	for _, g := range suite() {
		for _, c := range g.cases {
			if counts(g, c) {
				n++
			}
		}
	}
	return n
}

// TestLimits holds the long texts to the limits of package steps.
func TestLimits(t *testing.T) {
	require.Len(t, longASCII, steps.MaxText)
	require.Len(t, longUnicode, steps.MaxText)
	require.Len(t, longReason, steps.MaxReason)
	for _, text := range []string{longASCII, longUnicode, hardText} {
		require.NoError(t, steps.CheckText("text", text, steps.MaxText))
	}
	require.NoError(t, steps.CheckText("text", longReason, steps.MaxReason))
}

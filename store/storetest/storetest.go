// Package storetest is the store contract as a test suite.
//
// A store's own test is one line that calls Run with a Harness. Benchmark
// measures a store's commits, Faulty makes any store fail as planned, and Walk
// makes the data that all of them work on.
package storetest

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/stepgate/stepgate/store"
)

// Harness says how to open a store and what its back end can do.
type Harness struct {
	// Open opens a store that is empty. The suite closes it.
	Open func(tb testing.TB) store.Store

	// Reopen opens what a store kept, after the suite closed it. Nil: the store
	// keeps nothing over a restart, and the cases that need it are skipped.
	Reopen func(tb testing.TB, closed store.Store) store.Store
}

// Run holds a store to the contract. It fails also where goroutines are left
// after the last store was closed, and must therefore not run in parallel with
// other tests.
func Run(t *testing.T, h Harness) {
	others := goleak.IgnoreCurrent()
	for _, g := range suite() {
		t.Run(g.name, func(t *testing.T) {
			for _, c := range g.cases {
				t.Run(c.name, func(t *testing.T) { c.test(t, h) })
			}
		})
	}
	goleak.VerifyNone(t, others)
}

// group is the cases about one side of the contract.
type group struct {
	name  string
	cases []testCase
}

// testCase is one promise, tried on a fresh store.
type testCase struct {
	name    string
	reopens bool // needs Harness.Reopen
	run     func(e *env)
}

// suite returns every case.
func suite() []group {
	return []group{
		{"create", createCases()},
		{"update", updateCases()},
		{"refused", refusedCases()},
		{"batch", batchCases()},
		{"load", loadCases()},
		{"find", findCases()},
		{"history", historyCases()},
		{"evidence", evidenceCases()},
		{"tallies", talliesCases()},
		{"guards", guardsCases()},
		{"due", dueCases()},
		{"scan", scanCases()},
		{"erase", eraseCases()},
		{"list", listCases()},
		{"feed", feedCases()},
		{"cursor", cursorCases()},
		{"heads", headsCases()},
		{"fields", fieldCases()},
		{"reopen", reopenCases()},
		{"alias", aliasCases()},
		{"context", contextCases()},
		{"close", closeCases()},
		{"race", raceCases()},
		{"model", modelCases()},
	}
}

// test runs the case on a store of its own.
func (c *testCase) test(tb testing.TB, h Harness) {
	if c.reopens && h.Reopen == nil {
		tb.Skip("this store keeps nothing over a restart: its harness has no Reopen")
	}
	e := &env{TB: tb, harness: h}
	e.use(h.Open(tb))
	c.run(e)
}

// use makes st the store of the case, and closes it at the end.
func (e *env) use(st store.Store) {
	e.st = st
	e.Cleanup(func() { require.NoError(e, st.Close(), "closing, perhaps again") })
}

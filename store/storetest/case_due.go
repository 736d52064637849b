package storetest

import (
	"math"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

func dueCases() []testCase {
	return append(dueOrderCases(), dueMoveCases()...)
}

// dueOrderCases are about many that are due.
func dueOrderCases() []testCase {
	return []testCase{
		{name: "in an empty store", run: func(e *env) {
			require.Empty(e, e.due(endOfTime, 10))
		}},
		{name: "is nothing that has no end", run: func(e *env) {
			w := e.created(1)[0]
			e.commit(w.Complete())
			require.Empty(e, e.due(endOfTime, 10))
		}},
		{name: "is soonest first", run: func(e *env) {
			walks := e.withDeadlines(30)
			require.Equal(e, soonestFirst(walks), e.due(endOfTime, 100))
		}},
		{name: "is what is not after now", run: func(e *env) {
			walks := e.withDeadlines(12)
			ids := soonestFirst(walks)
			for i := range ids {
				at := begin.Add(time.Duration(i+1) * time.Hour)
				require.Equal(e, ids[:i+1], e.due(at, 100), "at the moment of %d", i)
				require.Equal(e, ids[:i+1], e.due(at.Add(time.Millisecond), 100), "after %d", i)
				require.Equal(e, ids[:i], append([]steps.ID{}, e.due(at.Add(-time.Millisecond), 100)...), "before %d", i)
			}
			require.Empty(e, e.due(time.Time{}, 100))
			require.Empty(e, e.due(time.UnixMilli(0), 100))
		}},
		{name: "is up to a limit", run: func(e *env) {
			ids := soonestFirst(e.withDeadlines(12))
			for _, limit := range []int{1, 2, 5, 11, 12, 13, math.MaxInt} {
				require.Equal(e, ids[:min(limit, len(ids))], e.due(endOfTime, limit))
			}
		}},
		{name: "is 100 unless told otherwise", run: func(e *env) {
			ids := soonestFirst(e.withDeadlines(store.DefaultLimit + 20))
			require.Equal(e, ids[:store.DefaultLimit], e.due(endOfTime, 0))
			require.Equal(e, ids[:store.DefaultLimit], e.due(endOfTime, -1))
		}},
		{name: "is in order at the edges of time", run: func(e *env) {
			var ids []steps.ID
			for _, edge := range edgeTimes {
				w := e.walk()
				w.Activation.Deadline = edge.at
				e.commit(w.Create())
				ids = append(ids, w.Activation.StepsID)
			}
			inOrder := []steps.ID{ids[3], ids[1], ids[0], ids[2], ids[4]}
			require.Equal(e, inOrder, e.due(endOfTime, 10))
			require.Equal(e, inOrder[:2], e.due(time.UnixMilli(-1), 10))
			require.Equal(e, inOrder[:3], e.due(time.UnixMilli(0), 10))
			require.Equal(e, inOrder[:4], e.due(begin, 10))
		}},
		{name: "at one time are all that are", run: func(e *env) {
			at := begin.Add(time.Hour)
			var ids []steps.ID
			for range 9 {
				w := e.walk()
				w.Activation.Deadline = at
				e.commit(w.Create())
				ids = append(ids, w.Activation.StepsID)
			}
			require.ElementsMatch(e, ids, e.due(at, 100))
			some := e.due(at, 4)
			require.Len(e, some, 4)
			require.Subset(e, ids, some)
			slices.Sort(some)
			require.Len(e, slices.Compact(some), 4, "none stands twice")
		}},
		{name: "is swept to its end, each once", run: func(e *env) {
			walks := make(map[steps.ID]*Walk)
			for _, w := range e.withDeadlines(20) {
				walks[w.Activation.StepsID] = w
			}
			for n := len(walks); n > 0; {
				ids := e.due(endOfTime, 3)
				require.Len(e, ids, min(3, n))
				for _, id := range ids {
					e.commit(walks[id].Expire())
				}
				n -= len(ids)
			}
			require.Empty(e, e.due(endOfTime, 3))
		}},
		{name: "is the same after a restart", reopens: true, run: func(e *env) {
			walks := e.withDeadlines(12)
			e.commit(walks[3].Cancel())
			ids := e.due(endOfTime, 100)
			require.Len(e, ids, 11)
			e.reopen()
			require.Equal(e, ids, e.due(endOfTime, 100))
		}},
	}
}

// dueMoveCases are about one activation that comes, moves and goes.
func dueMoveCases() []testCase {
	moving := func(name string, moves ...func(w *Walk) store.Change) testCase {
		return testCase{name: name, run: func(e *env) {
			w := e.walk()
			w.Activation.Deadline = w.now.Add(24 * time.Hour)
			e.commit(w.Create())
			e.requireDue(w)
			for _, move := range moves {
				e.commit(move(w))
				e.requireDue(w)
				require.LessOrEqual(e, len(e.due(endOfTime, 10)), 1)
			}
		}}
	}
	finish := func(w *Walk) store.Change { return Join(w.Complete(), w.Complete(), w.Complete()) }
	return []testCase{
		moving("comes sooner with what is held, and later again when that is dropped",
			func(w *Walk) store.Change { return w.Hold(steps.MediumCarKey) }, (*Walk).Drop),
		moving("comes sooner with a proof that ends, and later again when that lapsed",
			func(w *Walk) store.Change { w.TTL = time.Hour; return w.Complete() },
			func(w *Walk) store.Change { return w.Lapse(steps.TrustedPhone) }),
		moving("comes later with each reset", (*Walk).Fail, (*Walk).Reset, (*Walk).Complete, (*Walk).Reset),
		moving("goes when it is activated past its deadline", finish),
		moving("goes when it is activated, but for a proof that ends",
			func(w *Walk) store.Change { w.TTL = 48 * time.Hour; return finish(w) }),
		moving("goes when it is cancelled, and comes again with a reset", (*Walk).Cancel, (*Walk).Reset),
		moving("goes when it expired, and comes again with a reset", (*Walk).Expire, (*Walk).Reset),
		moving("goes and comes in one change",
			func(w *Walk) store.Change { return Join(w.Cancel(), w.Reset()) },
			func(w *Walk) store.Change { return Join(w.Hold(steps.MediumCarKey), w.Drop(), w.Fail()) }),
		{name: "goes when it is erased", run: func(e *env) {
			walks := e.withDeadlines(2)
			e.erase(walks[0].Erase())
			require.Equal(e, idsOf(walks[1:]), e.due(endOfTime, 10))
		}},
		{name: "stays when a change is refused", run: func(e *env) {
			w := e.withDeadlines(1)[0]
			require.ErrorIs(e, e.results(w.at(9).Cancel())[0], store.ErrConflict)
			guarded := w.twin(1).Cancel()
			guarded.Rests.Tallies = []steps.Tally{w.Tally("never", 1)}
			require.ErrorIs(e, e.results(guarded)[0], store.ErrConflict)
			e.requireDue(w)
		}},
	}
}

// withDeadlines returns n activations, of which the one whose place is i*7 (mod
// n) is due i+1 hours after the beginning. n is no multiple of 7.
func (e *env) withDeadlines(n int) []*Walk {
	e.Helper()
	walks := make([]*Walk, n)
	changes := make([]store.Change, n)
	for i := range walks {
		walks[i] = e.walk()
	}
	for i := range walks {
		w := walks[i*7%n]
		w.Activation.Deadline = begin.Add(time.Duration(i+1) * time.Hour)
		changes[i] = w.Create()
	}
	e.commit(changes...)
	return walks
}

// soonestFirst returns the IDs of walks in the order of their deadlines.
func soonestFirst(walks []*Walk) []steps.ID {
	sorted := slices.SortedFunc(slices.Values(walks), func(a, b *Walk) int {
		return a.Activation.Deadline.Compare(b.Activation.Deadline)
	})
	return idsOf(sorted)
}

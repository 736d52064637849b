package storetest

import (
	"math"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

func scanCases() []testCase {
	return []testCase{
		{name: "of an empty store", run: func(e *env) {
			require.Empty(e, e.scan(0, 10))
			require.Empty(e, e.scan(steps.MaxID, 10))
		}},
		{name: "has whole histories", run: func(e *env) {
			walks := e.created(40)
			for i, w := range walks {
				for range i % 9 {
					e.commit(Join(w.Next(), w.Refuse()))
				}
			}
			e.requireScanned(walks, e.scan(0, 100))
		}},
		{name: "has a long history", run: func(e *env) {
			walks := e.created(3)
			for range 50 {
				changes := make([]store.Change, 20)
				for i := range changes {
					changes[i] = walks[1].Fail()
				}
				e.commit(Join(changes...))
			}
			e.requireScanned(walks, e.scan(0, 10))
		}},
		{name: "is in ascending order, where the IDs differ in length", run: func(e *env) {
			ids := []steps.ID{1, 9, 10, 99, 100, 255, 256, 65535, 65536, 1 << 32, steps.MaxID - 1, steps.MaxID}
			walks := make([]*Walk, len(ids))
			for i := range ids {
				i = i * 5 % len(ids) // no common factor with 12: each once, in no order
				walks[i] = e.walk()
				walks[i].Activation.StepsID = ids[i]
				e.commit(walks[i].Create())
			}
			for _, w := range walks {
				e.commit(w.Complete())
			}
			e.requireScanned(walks, e.scan(0, 100))
			e.requireScanned(walks[6:], e.scan(255, 100))
		}},
		{name: "page by page is the whole", run: func(e *env) {
			walks := e.created(23)
			for _, limit := range []int{1, 2, 7, 22, 23, 24, math.MaxInt} {
				var paged []store.Scanned
				for after := steps.ID(0); ; {
					page := e.scan(after, limit)
					if len(page) == 0 {
						break
					}
					require.LessOrEqual(e, len(page), limit)
					require.Greater(e, page[0].StepsID, after)
					paged = append(paged, page...)
					after = page[len(page)-1].StepsID
				}
				e.requireScanned(walks, paged)
			}
		}},
		{name: "after each ID, and between", run: func(e *env) {
			walks := e.created(10)
			for i, w := range walks {
				e.requireScanned(walks[i:], e.scan(w.Activation.StepsID-1, 100))
				if i < len(walks)-1 {
					e.requireScanned(walks[i+1:], e.scan(w.Activation.StepsID, 100))
				}
			}
			require.Empty(e, e.scan(walks[9].Activation.StepsID, 100))
		}},
		{name: "has 100 unless told otherwise", run: func(e *env) {
			walks := e.created(store.DefaultLimit + 20)
			e.requireScanned(walks[:store.DefaultLimit], e.scan(0, 0))
			e.requireScanned(walks[:store.DefaultLimit], e.scan(0, -1))
		}},
		{name: "shows a change at once", run: func(e *env) {
			w := e.created(1)[0]
			for range 9 {
				e.commit(w.Next())
				e.requireScanned([]*Walk{w}, e.scan(0, 10))
			}
		}},
		{name: "shows what was erased among the others", run: func(e *env) {
			walks := e.created(5)
			e.commit(walks[2].Complete())
			e.erase(walks[2].Erase())
			e.requireScanned(walks, e.scan(0, 10))
		}},
	}
}

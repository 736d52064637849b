package storetest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/store"
)

// writers is how many write at once.
const writers = 8

func raceCases() []testCase {
	cases := []testCase{
		{name: "one winner a revision", run: func(e *env) {
			w := e.created(1)[0]
			for round := range 40 {
				now := e.load(w.Activation.StepsID)
				e.requireOneWinner(store.ErrConflict, func(i int) *Walk {
					rival := w.From(now, uint64(round*writers+i))
					rival.Fail()
					return rival
				})
			}
			e.requireChain(e.load(w.Activation.StepsID), e.history(w.Activation.StepsID))
			require.Len(e, e.feed(""), 41)
		}},
		{name: "one creator of an ID", run: func(e *env) {
			for range 20 {
				id := e.walk().Activation.StepsID
				e.requireOneWinner(store.ErrExists, func(int) *Walk {
					rival := e.walk()
					rival.Activation.StepsID = id
					rival.Create()
					return rival
				})
			}
			require.Len(e, e.feed(""), 20)
		}},
		{name: "one creator of a binding", run: func(e *env) {
			for range 20 {
				binding := e.walk().Activation.Binding
				winner := e.requireOneWinner(store.ErrExists, func(int) *Walk {
					rival := e.walk()
					rival.Activation.Binding = binding
					rival.Create()
					return rival
				})
				found, err := e.st.Find(e.Context(), binding)
				require.NoError(e, err)
				require.Equal(e, winner.Activation, found)
			}
			require.Len(e, e.list(store.Query{}), 20)
		}},
		{name: "one winner an activation where batches overlap", run: func(e *env) {
			for range 10 {
				e.overlappingBatches()
			}
		}},
		{name: "who keeps trying gets through", run: func(e *env) {
			w := e.created(1)[0]
			id := w.Activation.StepsID
			const each = 20
			e.together(writers, func(i int) error {
				for n := range each {
					if err := e.persist(w, id, uint64(i*each+n)); err != nil {
						return err
					}
				}
				return nil
			})
			require.EqualValues(e, 1+writers*each, e.load(id).Revision)
			e.requireChain(e.load(id), e.history(id))
		}},
		{name: "writers apart do not meet", run: func(e *env) {
			walks := e.created(writers)
			e.together(writers, func(i int) error {
				for range 50 {
					if err := commitOne(e.Context(), e.st, walks[i].Next()); err != nil {
						return err
					}
				}
				return nil
			})
			for _, w := range walks {
				e.requireShown(w)
			}
			e.requireFeed(walks...)
		}},
		{name: "a writer sees its own writes at once", run: func(e *env) {
			walks := e.created(writers)
			e.together(writers, func(i int) error {
				for range 30 {
					if err := commitOne(e.Context(), e.st, walks[i].Next()); err != nil {
						return err
					}
					if err := e.checkShown(walks[i]); err != nil {
						return err
					}
				}
				return nil
			})
		}},
		{name: "a writer finds its own write in the feed at once", run: func(e *env) {
			walks := e.created(writers)
			e.together(writers, func(i int) error {
				cursor := store.Cursor("")
				for range 30 {
					if err := commitOne(e.Context(), e.st, walks[i].Next()); err != nil {
						return err
					}
					var err error
					if cursor, err = e.feedUpTo(cursor, &walks[i].Activation); err != nil {
						return err
					}
				}
				return nil
			})
		}},
		{name: "a follower of the feed misses nothing", run: func(e *env) {
			walks := e.created(writers)
			seen := make([][]store.Told, 2)
			e.whileWriting(threeEach(e, walks), len(seen), func(i int) (err error) {
				seen[i], err = e.follow(seen[i])
				return err
			})
			feed := e.feed("")
			e.requireFeed(walks...)
			for i := range seen {
				requireEach(e, feed, seen[i], fmt.Sprintf("what follower %d saw", i))
			}
		}},
		{name: "a reader sees whole changes, and never an older one again", run: func(e *env) {
			walks := e.created(writers)
			newest := make([][]uint32, 2)
			for i := range newest {
				newest[i] = make([]uint32, len(walks))
			}
			e.whileWriting(threeEach(e, walks), len(newest), func(i int) error {
				if err := e.checkWhole(walks, newest[i]); err != nil {
					return err
				}
				return e.checkScan()
			})
		}},
		{name: "a list holds everything that was there before it", run: func(e *env) {
			old := idsOf(e.created(50))
			fresh := make([]*Walk, writers*20)
			for i := range fresh {
				fresh[i] = e.walk()
			}
			create := func(i int) error {
				for _, w := range fresh[i*20 : (i+1)*20] {
					if err := commitOne(e.Context(), e.st, w.Create()); err != nil {
						return err
					}
				}
				return nil
			}
			e.whileWriting(create, 2, func(int) error { return e.checkListed(old) })
		}},
	}
	cases = append(cases, guardRaceCases()...)
	return append(cases, eraseRaceCases()...)
}

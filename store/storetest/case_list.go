package storetest

import (
	"fmt"
	"math"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

func listCases() []testCase {
	cases := []testCase{
		{name: "of an empty store", run: func(e *env) {
			require.Empty(e, e.list(store.Query{}))
			require.Empty(e, e.list(store.Query{State: steps.StateActivated, After: 5, Limit: 10}))
		}},
		{name: "is in ascending order of the IDs", run: func(e *env) {
			walks := make([]*Walk, 60)
			for i := range walks {
				walks[i] = e.walk()
			}
			ids := idsOf(walks)
			// 7 and 60 have no common factor: every walk once, in no order.
			for i := range walks {
				e.commit(walks[i*7%60].Create())
			}
			require.True(e, slices.IsSorted(ids))
			require.Equal(e, ids, e.list(store.Query{}))
		}},
		{name: "is in order where the IDs differ in length", run: func(e *env) {
			ids := []steps.ID{1, 9, 10, 99, 100, 255, 256, 65535, 65536, 1 << 32, steps.MaxID - 1, steps.MaxID}
			for _, i := range []int{5, 11, 0, 7, 3, 9, 1, 10, 2, 8, 4, 6} {
				w := e.walk()
				w.Activation.StepsID = ids[i]
				e.commit(w.Create())
			}
			require.Equal(e, ids, e.list(store.Query{}))
			require.Equal(e, ids[6:], e.list(store.Query{After: 255}))
		}},
		{name: "has 100 unless told otherwise", run: func(e *env) {
			ids := idsOf(e.created(store.DefaultLimit + 20))
			require.Equal(e, ids[:store.DefaultLimit], e.list(store.Query{}))
			require.Equal(e, ids[:store.DefaultLimit], e.list(store.Query{Limit: -1}))
		}},
		{name: "has 1000 at the most", run: func(e *env) {
			ids := idsOf(e.created(store.MaxLimit + 20))
			require.Equal(e, ids[:store.MaxLimit], e.list(store.Query{Limit: store.MaxLimit}))
			require.Equal(e, ids[:store.MaxLimit], e.list(store.Query{Limit: store.MaxLimit + 1}))
			require.Equal(e, ids[:store.MaxLimit], e.list(store.Query{Limit: math.MaxInt}))
		}},
		{name: "page by page is the whole", run: func(e *env) {
			ids := idsOf(e.created(23))
			for _, limit := range []int{1, 2, 7, 22, 23, 24} {
				var paged []steps.ID
				for after := steps.ID(0); ; {
					page := e.list(store.Query{After: after, Limit: limit})
					if len(page) == 0 {
						break
					}
					require.LessOrEqual(e, len(page), limit)
					require.Greater(e, page[0], after)
					paged = append(paged, page...)
					after = page[len(page)-1]
				}
				require.Equal(e, ids, paged, "pages of %d", limit)
			}
		}},
		{name: "after each ID, and between", run: func(e *env) {
			ids := idsOf(e.created(10))
			for i, id := range ids {
				require.Equal(e, ids[i:], e.list(store.Query{After: id - 1}))
				if i < len(ids)-1 {
					require.Equal(e, ids[i+1:], e.list(store.Query{After: id}))
				}
			}
			require.Empty(e, e.list(store.Query{After: ids[len(ids)-1]}))
			require.Empty(e, e.list(store.Query{After: steps.MaxID}))
		}},
		{name: "shows a move at once", run: func(e *env) {
			w := e.created(1)[0]
			id := w.Activation.StepsID
			for range 9 {
				from := w.Activation.State
				e.commit(w.Next())
				require.Empty(e, e.list(store.Query{State: from}), "left %s", from)
				require.Equal(e, []steps.ID{id}, e.list(store.Query{State: w.Activation.State}), "now %s", w.Activation.State)
			}
			e.commit(w.Cancel())
			require.Equal(e, []steps.ID{id}, e.list(store.Query{State: steps.StateCancelled}))
		}},
		{name: "keeps what an entry does not move", run: func(e *env) {
			w := e.created(1)[0]
			e.commit(w.Complete())
			e.commit(Join(w.Refuse(), w.Fail()))
			require.Equal(e, []steps.ID{w.Activation.StepsID}, e.list(store.Query{State: w.Activation.State}))
			listed, err := e.st.List(e.Context(), store.Query{State: w.Activation.State})
			require.NoError(e, err)
			require.Equal(e, []steps.Activation{w.Activation}, listed)
		}},
		{name: "shows a move there and back in one change", run: func(e *env) {
			w := e.created(1)[0]
			id := w.Activation.StepsID
			first := w.Activation.State
			e.commit(Join(w.Complete(), w.Complete(), w.Reset()))
			require.Equal(e, []steps.ID{id}, e.list(store.Query{State: first}))
			require.Empty(e, e.list(store.Query{State: steps.DeviceActivation}))
			require.Empty(e, e.list(store.Query{State: steps.MediumCarKey}))
		}},
		{name: "takes a filter as the whole text", run: func(e *env) {
			w := e.created(1)[0].Activation
			for _, q := range []store.Query{
				{State: w.State[:len(w.State)-1]},
				{State: w.State + "s"},
				{Service: w.Service[:len(w.Service)-1]},
				{Service: w.Service + "s"},
				{User: w.User[:len(w.User)-1]},
				{User: w.User + "0"},
				{User: "%"},
				{Association: w.Association[:len(w.Association)-1]},
				{Association: w.Association + "0"},
				{Association: "%"},
				{State: "%"},
			} {
				require.Empty(e, e.list(q), "%+v", q)
			}
		}},
	}
	for combination := range 16 {
		byState, byService, byAssociation, byUser := combination&1 != 0, combination&2 != 0, combination&4 != 0, combination&8 != 0
		name := fmt.Sprintf("by state %t, service %t, association %t, user %t", byState, byService, byAssociation, byUser)
		cases = append(cases, testCase{name: name, run: func(e *env) {
			q := store.Query{}
			if byState {
				q.State = steps.DeviceActivation
			}
			if byService {
				q.Service = steps.VehicleStatus
			}
			if byAssociation {
				q.Association = "association 1"
			}
			if byUser {
				q.User = "user 1"
			}
			e.listEveryPage(q)
		}})
	}
	return cases
}

// listEveryPage compares a query after each ID and with several limits with a
// plain loop, over 48 activations of all states, two services, three
// associations and four users.
func (e *env) listEveryPage(q store.Query) {
	e.Helper()
	walks := make([]*Walk, 48)
	for i := range walks {
		w := e.walk()
		walks[i] = w
		w.Activation.Service = []string{steps.RemoteCommands, steps.VehicleStatus}[i%2]
		w.Activation.Association = fmt.Sprintf("association %d", i/2%3)
		w.Activation.User = fmt.Sprintf("user %d", i%4)
		e.commit(w.Create())
		for range i % 5 { // as far as activated; every fifth is then cancelled
			e.commit(w.Next())
		}
		if i%5 == 2 {
			e.commit(w.Cancel())
		}
	}
	var matching []steps.ID
	for _, w := range walks {
		a := &w.Activation
		if (q.State == "" || a.State == q.State) && (q.Service == "" || a.Service == q.Service) &&
			(q.Association == "" || a.Association == q.Association) && (q.User == "" || a.User == q.User) {
			matching = append(matching, a.StepsID)
		}
	}
	require.NotEmpty(e, matching)
	for _, after := range append([]steps.ID{0}, idsOf(walks)...) {
		behind := slices.DeleteFunc(slices.Clone(matching), func(id steps.ID) bool { return id <= after })
		for _, limit := range []int{1, 2, 5, 100} {
			q.After, q.Limit = after, limit
			want := behind[:min(limit, len(behind))]
			require.Equal(e, want, e.list(q), "%+v", q)
		}
	}
}

package storetest

import (
	"fmt"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

func loadCases() []testCase {
	return []testCase{
		{name: "nothing", run: func(e *env) {
			require.Empty(e, e.loadAll())
		}},
		{name: "from an empty store", run: func(e *env) {
			require.Equal(e, make([]steps.Activation, 3), e.loadAll(1, 132324, steps.MaxID))
		}},
		{name: "the ID 0", run: func(e *env) {
			e.created(1)
			require.Zero(e, e.load(0))
		}},
		{name: "in the order of the IDs", run: func(e *env) {
			w := e.created(5)
			want := []steps.Activation{w[3].Activation, w[0].Activation, w[4].Activation, w[1].Activation}
			require.Equal(e, want, e.loadAll(idsOf([]*Walk{w[3], w[0], w[4], w[1]})...))
		}},
		{name: "with absent IDs between", run: func(e *env) {
			w := e.created(2)
			want := []steps.Activation{{}, w[1].Activation, {}, w[0].Activation, {}}
			require.Equal(e, want, e.loadAll(7, w[1].Activation.StepsID, 8, w[0].Activation.StepsID, 9))
		}},
		{name: "with IDs that stand twice", run: func(e *env) {
			a := e.created(1)[0].Activation
			require.Equal(e, []steps.Activation{a, {}, a, a, {}}, e.loadAll(a.StepsID, 5, a.StepsID, a.StepsID, 5))
		}},
		{name: "neighbours of an ID", run: func(e *env) {
			id := e.created(1)[0].Activation.StepsID
			require.Equal(e, make([]steps.Activation, 2), e.loadAll(id-1, id+1))
		}},
		{name: "1000 at once", run: func(e *env) {
			walks := e.created(1000)
			slices.Reverse(walks)
			for i, a := range e.loadAll(idsOf(walks)...) {
				require.Equal(e, walks[i].Activation, a)
			}
		}},
	}
}

func findCases() []testCase {
	cases := []testCase{
		{name: "in an empty store", run: func(e *env) {
			e.requireNotFound(e.walk().Activation.Binding)
		}},
		{name: "the empty binding", run: func(e *env) {
			e.created(1)
			e.requireNotFound(steps.Binding{})
		}},
		{name: "the newest revision", run: func(e *env) {
			w := e.created(1)[0]
			for range 5 {
				e.commit(w.Next())
				found, err := e.st.Find(e.Context(), w.Activation.Binding)
				require.NoError(e, err)
				require.Equal(e, w.Activation, found)
			}
		}},
		{name: "each of many", run: func(e *env) {
			for _, w := range e.created(50) {
				e.requireShown(w)
			}
		}},
	}
	for _, b := range nearBindings {
		cases = append(cases, testCase{name: "not by another " + b.name, run: func(e *env) {
			w := e.created(1)[0]
			e.requireNotFound(b.near(w.Activation.Binding))
		}})
	}
	for _, separator := range []string{"", "/", ":", ",", "|", " ", "-", "%", `\`, "é"} {
		name := fmt.Sprintf("bindings alike when joined by %q", separator)
		cases = append(cases, testCase{name: name, run: func(e *env) {
			first, second := e.walk(), e.walk()
			first.Activation.Binding = steps.Binding{Association: "a" + separator + "b", User: "c", Device: "d"}
			second.Activation.Binding = steps.Binding{Association: "a", User: "b" + separator + "c", Device: "d"}
			e.commit(first.Create())
			e.requireNotFound(second.Activation.Binding)
			e.commit(second.Create())
			e.requireShown(first)
			e.requireShown(second)
		}})
	}
	return cases
}

func (e *env) requireNotFound(binding steps.Binding) {
	e.Helper()
	found, err := e.st.Find(e.Context(), binding)
	require.ErrorIs(e, err, store.ErrNotFound)
	require.Zero(e, found)
}

func historyCases() []testCase {
	return []testCase{
		{name: "of nothing", run: func(e *env) {
			require.Empty(e, e.histories())
		}},
		{name: "of absent IDs", run: func(e *env) {
			e.created(1)
			for _, history := range e.histories(0, 1, steps.MaxID) {
				require.Empty(e, history)
			}
		}},
		{name: "in the order of the IDs, with absent ones and some twice", run: func(e *env) {
			w := e.created(3)
			e.commit(w[0].Complete(), Join(w[2].Complete(), w[2].Reset()))
			histories := e.histories(w[2].Activation.StepsID, 5, w[0].Activation.StepsID, w[2].Activation.StepsID, w[1].Activation.StepsID)
			e.requireEntries(w[2].Entries, histories[0])
			require.Empty(e, histories[1])
			e.requireEntries(w[0].Entries, histories[2])
			e.requireEntries(w[2].Entries, histories[3])
			e.requireEntries(w[1].Entries, histories[4])
		}},
		{name: "is an unbroken chain", run: func(e *env) {
			w := e.created(1)[0]
			for range 20 {
				e.commit(Join(w.Next(), w.Refuse()), e.walk().Create())
			}
			e.requireChain(e.load(w.Activation.StepsID), e.history(w.Activation.StepsID))
		}},
		{name: "of neighbours stays apart", run: func(e *env) {
			walks := []*Walk{e.walk(), e.walk(), e.walk()}
			for i, w := range walks {
				w.Activation.StepsID = steps.ID(255 + i) // the last byte overflows
				e.commit(w.Create())
			}
			for range 30 {
				e.commit(walks[2].Fail(), walks[0].Fail(), walks[1].Refuse())
			}
			for _, w := range walks {
				e.requireShown(w)
			}
		}},
		{name: "of 200 activations of different lengths", run: func(e *env) {
			walks := e.created(200)
			for i, w := range walks {
				for range i % 9 {
					e.commit(w.Next())
				}
			}
			for i, history := range e.histories(idsOf(walks)...) {
				e.requireEntries(walks[i].Entries, history)
			}
		}},
	}
}

// requireChain requires that the entries count from 1 without a gap, that each
// hash covers the one before, and that the activation is at the last.
func (e *env) requireChain(a steps.Activation, entries []steps.Entry) {
	e.Helper()
	var head steps.Hash
	for i := range entries {
		entry := &entries[i]
		require.EqualValues(e, i+1, entry.Revision, "revisions count without a gap")
		require.Equal(e, entry.Chain(head, a.StepsID, a.Salt), entry.Hash, "hash of entry %d", i+1)
		head = entry.Hash
	}
	require.EqualValues(e, len(entries), a.Revision)
	require.Equal(e, head, a.Hash)
}

func headsCases() []testCase {
	return []testCase{
		{name: "agree with Load", run: func(e *env) {
			heads := e.heads()
			walks := e.created(5)
			for range 20 {
				for i, w := range walks {
					change := w.Next()
					if i%2 == 0 {
						change = Join(change, w.Refuse())
					}
					e.commit(change)
					e.requireHead(heads, w)
				}
			}
		}},
		{name: "stay when a change is refused", run: func(e *env) {
			heads := e.heads()
			for _, r := range refusals {
				w := e.created(1)[0]
				e.commit(w.Complete())
				e.commit(w.Complete())
				require.Error(e, e.results(r.change(e, w))[0])
				e.requireHead(heads, w)
			}
		}},
		{name: "know no revision of what is absent", run: func(e *env) {
			head, _ := e.heads().Head(e.walk().Activation.StepsID)
			require.Zero(e, head)
		}},
		{name: "agree with Load after a restart", reopens: true, run: func(e *env) {
			e.heads()
			w := e.created(1)[0]
			e.commit(w.Complete())
			e.reopen()
			e.requireHead(e.heads(), w)
			e.commit(w.Complete())
			e.requireHead(e.heads(), w)
		}},
	}
}

// heads returns the store as store.Heads, or skips the case.
func (e *env) heads() store.Heads {
	e.Helper()
	heads, ok := e.st.(store.Heads)
	if !ok {
		e.Skip("this store does not implement store.Heads")
	}
	return heads
}

// requireHead requires the head of a walk, where it is known at all.
func (e *env) requireHead(heads store.Heads, w *Walk) {
	e.Helper()
	head, known := heads.Head(w.Activation.StepsID)
	if known {
		require.Equal(e, w.Activation.Revision, head)
	}
	require.Equal(e, w.Activation.Revision, e.load(w.Activation.StepsID).Revision)
}

package storetest

import (
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// eraseBindingCases are about whom a binding serves once its activation is
// erased.
func eraseBindingCases() []testCase {
	// again creates another activation of a binding.
	again := func(e *env, binding steps.Binding) *Walk {
		w := e.walk()
		w.Activation.Binding = binding
		e.commit(Join(w.Create(), w.Complete()))
		return w
	}
	return []testCase{
		{name: "frees the binding", run: func(e *env) {
			w := e.lived()
			binding := w.Activation.Binding
			e.erase(w.Erase())
			e.requireNotFound(binding)
			second := again(e, binding)
			e.requireShown(w)
			e.requireShown(second)
			require.Equal(e, idsOf([]*Walk{second}), e.list(store.Query{User: binding.User}))

			e.erase(second.Erase())
			e.requireNotFound(binding)
			e.requireShown(again(e, binding))
			e.requireShown(second)
		}},
		{name: "frees the binding after a restart", reopens: true, run: func(e *env) {
			w := e.lived()
			binding := w.Activation.Binding
			e.erase(w.Erase())
			e.reopen()
			e.requireNotFound(binding)
			second := again(e, binding)
			e.reopen()
			e.requireShown(w)
			e.requireShown(second)
			e.requireFeed(w, second)
		}},
		{name: "leaves the binding to whom it is given next", run: func(e *env) {
			w := e.lived()
			binding := w.Activation.Binding
			e.erase(w.Erase())
			second := again(e, binding)
			late := e.walk()
			late.Activation.Binding = binding
			require.ErrorIs(e, e.results(late.Create())[0], store.ErrExists)
			e.requireShown(second)
		}},
		{name: "gives the empty binding to none", run: func(e *env) {
			first, second := e.lived(), e.lived()
			e.erase(first.Erase(), second.Erase())
			e.requireNotFound(steps.Binding{})
			e.requireShown(first)
			e.requireShown(second)
		}},
		{name: "keeps the ID taken", run: func(e *env) {
			w := e.lived()
			e.erase(w.Erase())
			other := e.walk()
			other.Activation.StepsID = w.Activation.StepsID
			require.ErrorIs(e, e.results(other.Create())[0], store.ErrExists)
			e.requireNotFound(other.Activation.Binding)
			e.requireShown(w)
		}},
	}
}

// eraseFeedCases are about the places of the feed.
func eraseFeedCases() []testCase {
	return []testCase{
		{name: "keeps every cursor", run: func(e *env) {
			_, feed := e.erasedFeed()
			for i := range feed {
				require.Equal(e, feed[i+1:], e.feed(feed[i].Cursor), "behind entry %d", i)
			}
		}},
		{name: "keeps every cursor over a restart", reopens: true, run: func(e *env) {
			walks, feed := e.erasedFeed()
			e.reopen()
			require.Equal(e, feed, e.feed(""))
			for i := range feed {
				require.Equal(e, feed[i+1:], e.feed(feed[i].Cursor), "behind entry %d", i)
			}
			e.commit(walks[0].Fail())
			require.Len(e, e.feed(""), len(feed)+1)
		}},
		{name: "is told at the end of the feed", run: func(e *env) {
			walks := []*Walk{e.lived(), e.lived(), e.lived()}
			end := e.endOfFeed()
			e.erase(walks[2].Erase(), walks[0].Erase())
			e.commit(walks[1].Fail())
			told := e.feed(end)
			require.Equal(e, idsOf([]*Walk{walks[2], walks[0], walks[1]}), toldIDs(told))
			require.Equal(e, steps.Erased, told[0].Entry.Kind)
			require.Equal(e, steps.Erased, told[1].Entry.Kind)
			e.requireFeed(walks...)
		}},
	}
}

// erasedFeed erases two of four activations whose entries lie between each
// other's in the feed, and returns the feed. It has required that every entry
// is at its place, each of the two without its payload.
func (e *env) erasedFeed() ([]*Walk, []store.Told) {
	e.Helper()
	walks := e.created(4)
	for range 4 {
		e.commit(walks[3].Next(), walks[0].Next())
		e.commit(Join(walks[1].Next(), walks[1].Refuse()), walks[2].Fail())
	}
	before := e.feed("")
	erased := map[steps.ID]*Walk{walks[1].Activation.StepsID: walks[1], walks[3].Activation.StepsID: walks[3]}
	e.erase(walks[3].Erase(), walks[1].Erase())
	after := e.feed("")
	require.Len(e, after, len(before)+2)
	for i, told := range before {
		if w := erased[told.StepsID]; w != nil {
			told.Entry = w.Entries[told.Entry.Revision-1]
		}
		require.Equal(e, told, after[i], "entry %d", i)
	}
	return walks, after
}

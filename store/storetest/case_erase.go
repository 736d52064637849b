package storetest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

func eraseCases() []testCase {
	cases := []testCase{
		{name: "nothing", run: func(e *env) {
			w := e.created(1)[0]
			require.Empty(e, e.st.Erase(e.Context(), nil))
			require.Empty(e, e.st.Erase(e.Context(), []store.Erasure{}))
			e.requireShown(w)
		}},
		{name: "is shown everywhere", run: func(e *env) {
			w, other := e.lived(), e.lived()
			e.erase(w.Erase())
			e.requireShown(w)
			e.requireShown(other)
			e.requireFeed(w, other)
		}},
		{name: "leaves no word of the person", run: func(e *env) {
			w, other := e.lived(), e.lived()
			a := w.Activation
			personal := []string{a.Association, a.User, a.Device, a.VIN, w.Entries[1].Event.ID, w.Entries[1].Event.Source, "orchestrator"}
			require.Contains(e, fmt.Sprintf("%+v", e.see(w.Subjects()...)), a.User, "as long as it is there")
			subjects := append(w.Subjects(), other.Subjects()...)
			e.erase(w.Erase(), other.Erase())
			shown := fmt.Sprintf("%+v", e.see(subjects...))
			for _, text := range personal {
				require.NotContains(e, shown, text)
			}
			require.Contains(e, shown, "privacy-desk", "the erasure itself is told")
		}},
		{name: "leaves a history that verifies without the salt", run: func(e *env) {
			w := e.lived()
			require.NotZero(e, w.Activation.Salt)
			e.erase(w.Erase())
			a, entries := e.load(w.Activation.StepsID), e.history(w.Activation.StepsID)
			require.Zero(e, a.Salt)
			e.requireChain(a, entries)
			for i := range entries[:len(entries)-1] {
				require.Zero(e, entries[i].Payload)
				require.NotZero(e, entries[i].Digest)
			}
			require.Equal(e, steps.Erased, entries[len(entries)-1].Kind)
		}},
		{name: "a creation alone", run: func(e *env) {
			w := e.created(1)[0]
			e.erase(w.Erase())
			e.requireShown(w)
			e.requireFeed(w)
		}},
		{name: "a history of 1000 entries", run: func(e *env) {
			w := e.created(1)[0]
			for range 9 {
				changes := make([]store.Change, 111)
				for i := range changes {
					changes[i] = w.Fail()
				}
				e.commit(Join(changes...))
			}
			e.erase(w.Erase())
			e.requireShown(w)
			e.requireFeed(w)
		}},
		{name: "everything that there can be, in one call", run: func(e *env) {
			walks := e.eraseVariants()
			for _, w := range walks {
				e.requireShown(w)
			}
			e.requireFeed(walks...)
		}},
		{name: "everything that there can be stays erased after a restart", reopens: true, run: func(e *env) {
			walks := e.eraseVariants()
			before := e.see()
			e.reopen()
			e.requireSeen(before)
			for _, w := range walks {
				e.requireShown(w)
			}
			e.requireFeed(walks...)
		}},
		{name: "500 in one call", run: func(e *env) {
			walks := e.created(500)
			erasures := make([]store.Erasure, len(walks))
			for i, w := range walks {
				erasures[i] = w.Erase()
			}
			e.erase(erasures...)
			for i, a := range e.loadAll(idsOf(walks)...) {
				require.Equal(e, walks[i].Activation, a)
			}
			e.requireFeed(walks...)
		}},
		{name: "is found by its state and its service alone", run: func(e *env) {
			w := e.lived()
			a := w.Activation
			e.erase(w.Erase())
			for _, q := range []store.Query{{User: a.User}, {Association: a.Association}, {State: a.State}} {
				require.Empty(e, e.list(q), "%+v", q)
			}
			for _, q := range []store.Query{{State: steps.StateErased}, {Service: a.Service}, {}} {
				require.Equal(e, []steps.ID{a.StepsID}, e.list(q), "%+v", q)
			}
			for _, q := range []store.Query{
				{State: steps.StateErased, User: a.User},
				{State: steps.StateErased, Service: a.Service + "s"},
				{State: steps.StateErased, Association: a.Association},
			} {
				require.Empty(e, e.list(q), "%+v", q)
			}
		}},
		{name: "leaves the person's other activations alone", run: func(e *env) {
			w, other := e.lived(), e.walk()
			other.Activation.User = w.Activation.User
			e.commit(Join(other.Create(), other.Complete()))
			e.erase(w.Erase())
			e.requireShown(other)
			require.Equal(e, idsOf([]*Walk{other}), e.list(store.Query{User: other.Activation.User}))
		}},
	}
	cases = append(cases, eraseKnownCases()...)
	cases = append(cases, eraseRefusedCases()...)
	cases = append(cases, eraseBindingCases()...)
	return append(cases, eraseFeedCases()...)
}

// lived returns an activation that left evidence and a tally of each of its
// steps, and has a completion that is held and a deadline.
func (e *env) lived() *Walk {
	e.Helper()
	w := e.walk()
	w.Activation.Deadline = endOfTime
	w.Proves = true
	e.commit(w.Create())
	e.commit(Join(w.Complete(), w.Hold(steps.MediumCarKey)))
	change := w.Refuse()
	for _, step := range w.Names {
		change.Tallies = append(change.Tallies, w.Tally(step, 2))
		change.Proven = append(change.Proven, w.Evidence(step))
	}
	e.commit(change)
	return w
}

// eraseVariants erases all variants.
func (e *env) eraseVariants() []*Walk {
	e.Helper()
	var walks []*Walk
	var erasures []store.Erasure
	for _, v := range variants() {
		w := e.commitVariant(v)
		walks = append(walks, w)
		erasures = append(erasures, w.Erase())
	}
	e.erase(erasures...)
	return walks
}

package storetest

import (
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

func createCases() []testCase {
	cases := []testCase{
		{name: "is shown everywhere", run: func(e *env) {
			w := e.created(1)[0]
			e.requireShown(w)
			e.requireFeed(w)
		}},
		{name: "with the entries that follow", run: func(e *env) {
			w := e.walk()
			e.commit(Join(w.Create(), w.Complete(), w.Complete(), w.Complete()))
			e.requireShown(w)
			e.requireFeed(w)
		}},
		{name: "with evidence", run: func(e *env) {
			w := e.walk()
			change := w.Create()
			change.Proven = []steps.Evidence{w.Evidence(steps.TrustedPhone)}
			e.commit(change)
			require.Equal(e, change.Proven, e.evidence(w.Subject(steps.TrustedPhone)))
		}},
		{name: "of the same ID is refused", run: func(e *env) {
			first := e.created(1)[0]
			second := e.walk()
			second.Activation.StepsID = first.Activation.StepsID
			require.ErrorIs(e, e.results(second.Create())[0], store.ErrExists)
			e.requireShown(first)
		}},
		{name: "of the same binding is refused", run: func(e *env) {
			first := e.created(1)[0]
			second := e.walk()
			second.Activation.Binding = first.Activation.Binding
			require.ErrorIs(e, e.results(second.Create())[0], store.ErrExists)
			e.requireShown(first)
			require.Zero(e, e.load(second.Activation.StepsID))
		}},
		{name: "of the same again is refused", run: func(e *env) {
			w := e.walk()
			change := w.Create()
			e.commit(change)
			require.ErrorIs(e, e.results(change)[0], store.ErrExists)
			e.requireShown(w)
			e.requireFeed(w)
		}},
		{name: "is refused also after it moved on", run: func(e *env) {
			w := e.walk()
			creation := w.Create()
			e.commit(creation)
			e.commit(w.Complete())
			require.ErrorIs(e, e.results(creation)[0], store.ErrExists)
			e.requireShown(w)
		}},
		{name: "is refused also after it was cancelled", run: func(e *env) {
			first := e.created(1)[0]
			e.commit(first.Cancel())
			second := e.walk()
			second.Activation.Binding = first.Activation.Binding
			require.ErrorIs(e, e.results(second.Create())[0], store.ErrExists)
		}},
		{name: "that lost by its ID leaves its binding free", run: func(e *env) {
			first := e.created(1)[0]
			second, third := e.walk(), e.walk()
			second.Activation.StepsID = first.Activation.StepsID
			require.ErrorIs(e, e.results(second.Create())[0], store.ErrExists)
			third.Activation.Binding = second.Activation.Binding
			e.commit(third.Create())
			e.requireShown(first)
			e.requireShown(third)
		}},
		{name: "that lost by its binding leaves its ID free", run: func(e *env) {
			first := e.created(1)[0]
			second, third := e.walk(), e.walk()
			second.Activation.Binding = first.Activation.Binding
			require.ErrorIs(e, e.results(second.Create())[0], store.ErrExists)
			third.Activation.StepsID = second.Activation.StepsID
			e.commit(third.Create())
			e.requireShown(first)
			e.requireShown(third)
		}},
		{name: "at the least and the greatest ID", run: func(e *env) {
			least, greatest := e.walk(), e.walk()
			least.Activation.StepsID, greatest.Activation.StepsID = 1, steps.MaxID
			e.commit(greatest.Create(), least.Create())
			e.requireShown(least)
			e.requireShown(greatest)
			require.Equal(e, []steps.ID{1, steps.MaxID}, e.list(store.Query{}))
		}},
	}
	for _, b := range nearBindings {
		cases = append(cases, testCase{name: "of a binding with another " + b.name, run: func(e *env) {
			first, second := e.walk(), e.walk()
			second.Activation.Binding = b.near(first.Activation.Binding)
			e.commit(first.Create(), second.Create())
			e.requireShown(first)
			e.requireShown(second)
		}})
	}
	return cases
}

// nearBindings make another binding of one, with all but one member the same.
var nearBindings = []struct {
	name string
	near func(steps.Binding) steps.Binding
}{
	{"association", func(b steps.Binding) steps.Binding { b.Association += "0"; return b }},
	{"user", func(b steps.Binding) steps.Binding { b.User += "0"; return b }},
	{"device", func(b steps.Binding) steps.Binding { b.Device += "0"; return b }},
}

package storetest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// moves are the ways in which an activation moves on.
var moves = []struct {
	name string
	move func(w *Walk) store.Change
}{
	{"completion", (*Walk).Complete},
	{"failure", (*Walk).Fail},
	{"refusal", (*Walk).Refuse},
	{"reset", (*Walk).Reset},
	{"cancellation", (*Walk).Cancel},
	{"hold", func(w *Walk) store.Change { return w.Hold(steps.MediumCarKey) }},
	{"absorption", func(w *Walk) store.Change {
		return Join(w.Hold(steps.DeviceActivation), w.Complete(), w.Absorb())
	}},
	{"drop", func(w *Walk) store.Change { return Join(w.Hold(steps.MediumCarKey), w.Drop()) }},
	{"inheritance", func(w *Walk) store.Change {
		known := w.Evidence(steps.DeviceActivation)
		known.Origin = steps.Origin{StepsID: 132324, Event: steps.EventID("sms", "e-1"), At: begin}
		return w.Inherit(known)
	}},
	{"check", func(w *Walk) store.Change { return w.Check(steps.TrustedPhone) }},
	{"override", func(w *Walk) store.Change { return w.Override(steps.MediumCarKey) }},
	{"revocation", func(w *Walk) store.Change { return Join(w.Complete(), w.Revoke(steps.TrustedPhone)) }},
	{"lapse", func(w *Walk) store.Change { return Join(w.Complete(), w.Lapse(steps.TrustedPhone)) }},
	{"expiry", (*Walk).Expire},
	{"lock", (*Walk).Lock},
	{"unlock", func(w *Walk) store.Change { return w.Unlock(steps.TrustedPhone) }},
	{"move to a longer plan", func(w *Walk) store.Change { return w.Move(2, append(StepNames(2), w.Names...)...) }},
	{"move to a shorter plan", func(w *Walk) store.Change { return w.Move(2, w.Names[1:]...) }},
}

func updateCases() []testCase {
	cases := []testCase{
		{name: "from the beginning to the end", run: func(e *env) {
			w := e.walk()
			for range 10 {
				e.commit(w.Next())
				e.requireShown(w)
			}
			e.requireFeed(w)
		}},
		{name: "a long history one by one", run: func(e *env) {
			w := e.created(1)[0]
			for range 300 {
				e.commit(w.Refuse())
			}
			e.requireShown(w)
			e.requireFeed(w)
		}},
		{name: "a plan of 64 steps to its end", run: func(e *env) {
			w := e.walk(StepNames(steps.MaxSteps)...)
			e.commit(w.Create())
			for range steps.MaxSteps {
				e.commit(w.Complete())
			}
			require.Equal(e, steps.StateActivated, e.load(w.Activation.StepsID).State)
			e.requireShown(w)
		}},
		{name: "leaves other activations alone", run: func(e *env) {
			walks := e.created(3)
			e.commit(walks[1].Complete())
			for _, w := range walks {
				e.requireShown(w)
			}
		}},
		{name: "leaves activations that share two members of the binding alone", run: func(e *env) {
			first := e.walk()
			walks := []*Walk{first}
			for _, b := range nearBindings {
				near := e.walk()
				near.Activation.Binding = b.near(first.Activation.Binding)
				walks = append(walks, near)
			}
			for _, w := range walks {
				e.commit(w.Create())
			}
			e.commit(first.Complete())
			for _, w := range walks {
				e.requireShown(w)
			}
		}},
		{name: "after a conflict succeeds on what was loaded", run: func(e *env) {
			w := e.created(1)[0]
			rival := w.From(w.Activation, 1)
			e.commit(w.Complete())
			require.ErrorIs(e, e.results(rival.Complete())[0], store.ErrConflict)
			again := w.From(e.load(w.Activation.StepsID), 2)
			e.commit(again.Complete())
			require.Equal(e, again.Activation, e.load(w.Activation.StepsID))
		}},
	}
	for _, m := range moves {
		cases = append(cases, testCase{name: "by a " + m.name, run: func(e *env) {
			w := e.created(1)[0]
			e.commit(m.move(w))
			e.requireShown(w)
			e.requireFeed(w)
		}})
	}
	for _, n := range []int{2, 3, 64, 1000} {
		cases = append(cases, testCase{name: fmt.Sprintf("by %d entries at once", n), run: func(e *env) {
			w := e.created(1)[0]
			changes := make([]store.Change, n)
			for i := range changes {
				changes[i] = w.Next()
			}
			e.commit(Join(changes...))
			e.requireShown(w)
			e.requireFeed(w)
		}})
	}
	return cases
}

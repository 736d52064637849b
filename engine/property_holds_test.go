package engine_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store/memstore"
)

// storyWalk is a walk of an activation with one step completed, one overridden
// and a completion held, and of a second one of the same user.
func storyWalk(t *testing.T) *walk {
	w := newWalk(memstore.New(), "", seeded(1))
	t.Cleanup(w.close)
	w.ask(device("ann", "phone"), engine.StepsRequest{CarAssociationID: "a-1"})
	id := w.world.activations[0].id
	told := func(caller steps.Caller, event string, kind steps.Kind, names ...string) {
		ev := steps.Event{Key: steps.EventID("test", event), Kind: kind, StepsID: id, Steps: names}
		if caller.User == operator.User {
			ev.Actor, ev.Reason = "ann", "she asked for it"
		}
		w.tell(caller, ev)
	}
	told(reporter, "e-1", steps.Completed, steps.TrustedPhone)
	told(operator, "e-2", steps.Overridden, steps.DeviceActivation)
	told(operator, "e-3", steps.Reset, steps.DeviceActivation)
	told(reporter, "e-4", steps.Completed, "pin")
	told(reporter, "e-5", steps.Failed, steps.TrustedPhone)
	w.ask(device("ann", "tablet"), engine.StepsRequest{CarAssociationID: "a-3"})
	w.compareAll()
	require.Nil(t, w.diff)
	return w
}

// histories is every history of a walk.
func (w *walk) histories(t *testing.T) map[steps.ID][]steps.Entry {
	all := make(map[steps.ID][]steps.Entry)
	for _, a := range w.world.activations {
		history, err := w.engine.History(w.ctx, operator, a.id)
		require.NoError(t, err)
		all[a.id] = history
	}
	return all
}

// The invariants find what they look for: each is shown something that breaks
// it.

func TestOrderControl(t *testing.T) {
	w := storyWalk(t)
	plan := func(version uint32) *steps.Plan { return w.world.version(steps.RemoteCommands, version) }
	history := w.histories(t)[w.world.activations[0].id]
	require.Empty(t, orderFault(plan, history))

	skipped := slices.Clone(history[:2])
	skipped[1].Steps = []string{"pin"}
	require.Equal(t, "entry 2 completes pin before its turn", orderFault(plan, skipped))

	ahead := slices.Clone(history[:2])
	ahead[1].After = "pin"
	require.Equal(t, "entry 2 says pin, and deviceActivation is to do", orderFault(plan, ahead))
}

func TestFeedControl(t *testing.T) {
	w := storyWalk(t)
	told, err := w.feed()
	require.NoError(t, err)
	histories := w.histories(t)
	require.Empty(t, feedFault(told, histories))

	require.NotEmpty(t, feedFault(told[:len(told)-1], histories), "the end is missing")
	require.NotEmpty(t, feedFault(slices.Delete(slices.Clone(told), 1, 2), histories), "one is missing")
	swapped := slices.Clone(told)
	swapped[1], swapped[2] = swapped[2], swapped[1]
	require.NotEmpty(t, feedFault(swapped, histories), "out of order")
	require.NotEmpty(t, feedFault(append(slices.Clone(told), told[0]), histories), "told twice")
}

func TestOnceControl(t *testing.T) {
	w := storyWalk(t)
	w.tellAllAgain()
	require.Nil(t, w.diff)

	w.told[0].verdict.State = steps.StateActivated
	w.tellAllAgain()
	require.Equal(t, "once", w.diff.where)
}

func TestStickyControl(t *testing.T) {
	w := storyWalk(t)
	shown, err := w.engine.Show(w.ctx, operator, w.world.activations[0].id)
	require.NoError(t, err)
	shown.Items = slices.Clone(shown.Items)
	shown.Items[0].Status = steps.Todo
	w.staysDone(shown)
	require.Equal(t, "sticky", w.diff.where)
}

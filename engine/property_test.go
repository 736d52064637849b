package engine_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store/memstore"
)

// anyone may do everything, so that a walk meets every rule but the rights.
var anyone = steps.Caller{User: "u-1", Device: "phone", Rights: steps.AllRights, Channel: "test"}

// walk plays random events, duplicates, reorderings, resets and clock jumps on
// the engine and on the model, and returns where they first differ, or "". A
// draw returns a number from 0 to n-1.
func walk(actions int, fault string, draw func(n int) int) string {
	ctx := context.Background()
	now := time.UnixMilli(1_780_000_000_000).UTC()
	st := memstore.New()
	eng, err := engine.New(st, engine.Options{Now: func() time.Time { return now }, CacheSize: 1 + draw(2)})
	if err != nil {
		return err.Error()
	}
	defer eng.Close()
	list, err := eng.Steps(ctx, anyone, engine.StepsRequest{CarAssociationID: "987654"})
	if err != nil {
		return err.Error()
	}
	m := newModel([]string{steps.TrustedPhone, steps.DeviceActivation, steps.MediumCarKey})
	m.fault = fault
	var told []steps.Event
	for n := range actions {
		now = now.Add(time.Duration(draw(5)-1) * time.Second)
		ev := drawEvent(n, list.StepsID, m, now, told, draw)
		told = append(told, ev)
		got, err := eng.Handle(ctx, anyone, ev)
		if err != nil {
			return err.Error()
		}
		if want := m.judge(ev, now); got != want {
			return fmt.Sprintf("action %d: %+v\nengine %+v\nmodel  %+v", n, ev, got, want)
		}
		if differ := compare(ctx, eng, list.StepsID, m); differ != "" {
			return fmt.Sprintf("after action %d: %+v\n%s", n, ev, differ)
		}
	}
	return ""
}

// drawEvent draws a new event, one that was told before, or one that pretends
// to be it.
func drawEvent(n int, id steps.ID, m *model, now time.Time, told []steps.Event, draw func(int) int) steps.Event {
	if len(told) > 0 && draw(4) == 0 {
		ev := told[draw(len(told))]
		switch draw(4) {
		case 0:
			ev.Reason += "!"
		case 1:
			ev.Time = now
		}
		return ev
	}
	ev := steps.Event{Key: steps.EventID("test", fmt.Sprint("e-", n)), Kind: steps.Completed, StepsID: id}
	switch draw(12) {
	case 0:
		ev.Kind = steps.Reset
	case 1:
		ev.Kind, ev.Actor, ev.Reason = steps.Cancelled, "ann", "stolen"
	case 2, 3:
		ev.Kind = steps.Failed
	}
	if ev.Kind == steps.Completed || ev.Kind == steps.Failed {
		names := append(append([]string{}, m.plan...), "noSuchStep")
		first := draw(len(names))
		ev.Steps = []string{names[first]}
		for next := first + 1; next < len(names) && draw(3) == 0; next++ {
			ev.Steps = append(ev.Steps, names[next])
		}
		if len(ev.Steps) > 1 && draw(4) == 0 {
			ev.Steps[0], ev.Steps[1] = ev.Steps[1], ev.Steps[0]
		}
	}
	switch draw(5) {
	case 0:
		ev.Epoch = new(uint32(max(0, int(m.epoch)+draw(3)-1)))
	case 1:
		ev.Time = now.Add(time.Duration(draw(20)-15) * time.Second)
	}
	return ev
}

// compare returns how what a device sees differs from the model, or "".
func compare(ctx context.Context, eng *engine.Engine, id steps.ID, m *model) string {
	shown, err := eng.Show(ctx, anyone, id)
	if err != nil {
		return err.Error()
	}
	if shown.State != m.state() || shown.Epoch != m.epoch || int(shown.Revision) != m.entries {
		return fmt.Sprintf("engine at %s, epoch %d, revision %d; model at %s, epoch %d, revision %d",
			shown.State, shown.Epoch, shown.Revision, m.state(), m.epoch, m.entries)
	}
	for i, item := range shown.Items {
		if (item.Status == steps.AlreadyDone) != m.done[i] || item.Name != m.plan[i] || item.Order != i+1 {
			return fmt.Sprintf("engine shows %+v, model has done %v", shown.Items, m.done)
		}
	}
	return ""
}

// TestModel walks at random; rapid shrinks a walk that fails and prints its
// seed. STEPGATE_LONG=1 makes it 1,000,000 actions.
func TestModel(t *testing.T) {
	walks := 100
	if os.Getenv("STEPGATE_LONG") != "" {
		walks = 10_000
	}
	for range walks / 100 {
		rapid.Check(t, func(rt *rapid.T) {
			differ := walk(100, "", func(n int) int { return rapid.IntRange(0, n-1).Draw(rt, "n") })
			if differ != "" {
				rt.Fatal(differ)
			}
		})
	}
}

// TestModelControls gives the model one wrong rule at a time: each must show.
func TestModelControls(t *testing.T) {
	for _, fault := range modelFaults {
		t.Run(fault, func(t *testing.T) {
			for seed := range uint64(200) {
				rnd := rand.New(rand.NewPCG(seed, 0))
				if differ := walk(100, fault, rnd.IntN); differ != "" {
					return
				}
			}
			require.Fail(t, "200 walks did not find it")
		})
	}
}

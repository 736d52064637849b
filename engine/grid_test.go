package engine

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with a golden file, or rewrites it with -update.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), text)
}

var (
	gridTime   = time.UnixMilli(1_780_000_000_000).UTC()
	gridCaller = &steps.Caller{User: "backend", Rights: steps.AllRights, Channel: "test"}
)

// gridEpoch is the epoch of every activation in the grid.
const gridEpoch = 2

// inState returns an activation that came to a state by the rules alone.
func inState(t *testing.T, m *machine, state steps.State) *steps.Activation {
	t.Helper()
	a, _ := m.create(42, steps.Binding{Association: "987654", User: "u", Device: "d"}, "VIN", gridCaller, gridTime)
	play := func(ev steps.Event) {
		d := m.decide(&a, &past{}, &ev, gridCaller, gridTime)
		require.Equal(t, steps.Applied, d.verdict.Outcome)
		a = *d.after
	}
	for range gridEpoch {
		play(steps.Event{Key: steps.EventID("grid", "reset"), Kind: steps.Reset})
	}
	for i := 0; a.State != state && i < len(m.plan.Steps); i++ {
		if state == steps.StateCancelled {
			play(steps.Event{Kind: steps.Cancelled})
			break
		}
		play(steps.Event{Kind: steps.Completed, Steps: []string{m.plan.Steps[i].Name}})
	}
	require.Equal(t, state, a.State)
	return &a
}

// gridEvents are every kind of event, about every step and every run of steps.
func gridEvents(plan *steps.Plan) []steps.Event {
	var names []string
	for _, step := range plan.Steps {
		names = append(names, step.Name)
	}
	var events []steps.Event
	for from := range names {
		for to := from + 1; to <= len(names); to++ {
			events = append(events, steps.Event{Kind: steps.Completed, Steps: names[from:to]})
		}
	}
	for i := len(names) - 1; i > 0; i-- {
		events = append(events, steps.Event{Kind: steps.Completed, Steps: []string{names[i], names[i-1]}})
	}
	events = append(events, steps.Event{Kind: steps.Completed, Steps: []string{"noSuchStep"}})
	for _, name := range append(names, "noSuchStep") {
		events = append(events, steps.Event{Kind: steps.Failed, Steps: []string{name}})
	}
	return append(events, steps.Event{Kind: steps.Reset}, steps.Event{Kind: steps.Cancelled})
}

// TestGrid holds what becomes of every event in every state, told in every
// epoch, against a file that a person can read.
func TestGrid(t *testing.T) {
	claims := []struct {
		name string
		set  func(*steps.Event)
	}{
		{"no epoch, no time", func(*steps.Event) {}},
		{"the present epoch", func(ev *steps.Event) { ev.Epoch = new(uint32(gridEpoch)) }},
		{"an older epoch", func(ev *steps.Event) { ev.Epoch = new(uint32(gridEpoch - 1)) }},
		{"an epoch to come", func(ev *steps.Event) { ev.Epoch = new(uint32(gridEpoch + 1)) }},
		{"a time before the present epoch", func(ev *steps.Event) { ev.Time = gridTime.Add(-time.Millisecond) }},
		{"a time in the present epoch", func(ev *steps.Event) { ev.Time = gridTime }},
	}
	for _, plan := range steps.Default().Plans() {
		m, err := compile(plan)
		require.NoError(t, err)
		var out strings.Builder
		fmt.Fprintf(&out, "%s, version %d: %s\n", plan.Service, plan.Version, plan)
		for _, claim := range claims {
			fmt.Fprintf(&out, "\n## told with %s\n\n", claim.name)
			for _, state := range m.states {
				for _, ev := range gridEvents(&plan) {
					ev.Key = steps.EventID("grid", "event")
					claim.set(&ev)
					a := inState(t, m, state)
					d := m.decide(a, &past{}, &ev, gridCaller, gridTime)
					fmt.Fprintf(&out, "%-17s %-9s %-46s %s\n", state, ev.Kind, strings.Join(ev.Steps, "+"), outcome(a, d))
				}
			}
		}
		golden(t, "grid-"+plan.Service+".golden", out.String())
	}
}

func outcome(a *steps.Activation, d decision) string {
	if d.verdict.Outcome == steps.Refused {
		return "refused " + string(d.verdict.Reason)
	}
	text := fmt.Sprintf("%s -> %s", d.verdict.Outcome, d.verdict.State)
	if d.verdict.Epoch != a.Epoch {
		text += fmt.Sprintf(", epoch %+d", int(d.verdict.Epoch)-int(a.Epoch))
	}
	return text
}

// TestTable holds the machine of the catalogue as it is printed.
func TestTable(t *testing.T) {
	plan, _ := steps.Default().Latest(steps.RemoteCommands)
	table, err := Table(plan)
	require.NoError(t, err)
	var out strings.Builder
	for _, row := range table {
		fmt.Fprintf(&out, "%-17s %-27s %s\n", row.From, row.On, row.To)
	}
	golden(t, "table.golden", out.String())

	for state, draw := range map[steps.State]string{steps.DeviceActivation: "device", steps.StateActivated: "activated"} {
		mermaid, err := Mermaid(plan, state)
		require.NoError(t, err)
		golden(t, "machine-"+draw+".mermaid", mermaid)
		dot, err := Graphviz(plan, state)
		require.NoError(t, err)
		golden(t, "machine-"+draw+".dot", dot)
	}
}

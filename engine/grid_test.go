package engine

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
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

// gridPlans are the plan of the source text, and one with every rule and a
// second version.
func gridPlans() map[string][]steps.Plan {
	plain, _ := steps.Default().Latest(steps.RemoteCommands)
	phone, device, key := plain.Steps[0], plain.Steps[1], plain.Steps[2]
	phone.TTL = time.Hour
	phone.Budget = steps.Budget{Tries: 3, Window: 10 * time.Minute, Lockout: 15 * time.Minute, Lifetime: 10}
	device.Budget = steps.Budget{Tries: 3, Window: 10 * time.Minute, Lockout: 15 * time.Minute}
	key.Checker, key.Confirm = "key", true
	rich := steps.Plan{
		Service: steps.RemoteCommands, Version: 1, Steps: []steps.Step{phone, device, key},
		Hold: steps.Hold{Limit: 2, TTL: 5 * time.Minute}, Deadline: 24 * time.Hour,
	}
	next := rich
	next.Version, next.TakeOver, next.Steps = 2, true, []steps.Step{device, phone, {Name: "carKey", Aliases: []string{key.Name}}}
	return map[string][]steps.Plan{"remoteCommands": {plain}, "rich": {rich, next}}
}

// TestGrid holds what becomes of every event in every state, and of a call for
// the list, against a file that a person can read: whole where nothing else is
// known, and then what differs from that in each scene.
func TestGrid(t *testing.T) {
	for name, plans := range gridPlans() {
		catalog, err := steps.NewCatalog(plans...)
		require.NoError(t, err)
		machines, err := compileAll(catalog)
		require.NoError(t, err)
		m := machines[planKey{plans[0].Service, plans[0].Version}]
		var out strings.Builder
		for _, plan := range plans {
			fmt.Fprintf(&out, "%s, version %d: %s\n", plan.Service, plan.Version, plan)
		}
		var normal outcomes
		for _, scene := range gridScenes(&plans[0]) {
			became := playScene(t, m, scene)
			fmt.Fprintf(&out, "\n## %s\n%s", scene.name, differing(m, became, normal))
			if normal == nil {
				normal = became
			}
		}
		golden(t, "grid-"+name+".golden", out.String())
	}
}

// outcomes is what becomes of events, by event and state.
type outcomes map[string]map[steps.State]string

func playScene(t *testing.T, m *machine, scene gridScene) outcomes {
	became := make(outcomes)
	for _, ev := range gridEvents(&m.plan) {
		became[ev.String()] = make(map[steps.State]string)
		for _, state := range gridStates(m) {
			w, told := inState(t, m, state), ev
			scene.set(w, &told)
			became[ev.String()][state] = w.become(&told)
		}
	}
	return became
}

// differing prints the outcomes that are not the normal ones, of which there may
// be none: first the events of which the same becomes in any state, then the
// others state by state.
func differing(m *machine, became, normal outcomes) string {
	states := gridStates(m)
	blocks := make([]strings.Builder, 1+len(states))
	for _, ev := range gridEvents(&m.plan) {
		row, usual := became[ev.String()], normal[ev.String()]
		if maps.Equal(row, usual) {
			continue
		}
		if first := row[states[0]]; usual != nil && !slices.ContainsFunc(states, func(s steps.State) bool { return row[s] != first }) {
			fmt.Fprintf(&blocks[0], "%-16s  %-53s  %s\n", "(any)", &ev, first)
			continue
		}
		for i, state := range states {
			if row[state] != usual[state] {
				fmt.Fprintf(&blocks[1+i], "%-16s  %-53s  %s\n", state, &ev, row[state])
			}
		}
	}
	var out strings.Builder
	for i := range blocks {
		if blocks[i].Len() > 0 {
			out.WriteString("\n" + blocks[i].String())
		}
	}
	if out.Len() == 0 {
		return "\nnothing\n"
	}
	return out.String()
}

// TestGridControl holds that another outcome shows.
func TestGridControl(t *testing.T) {
	m, err := compile(gridPlans()["remoteCommands"][0])
	require.NoError(t, err)
	normal := playScene(t, m, gridScenes(&m.plan)[0])
	other := playScene(t, m, gridScenes(&m.plan)[0])
	require.Equal(t, "\nnothing\n", differing(m, other, normal))
	other["cancelled"][steps.StateCancelled] = "applied"
	require.Equal(t, "\ncancelled         cancelled                                              applied\n", differing(m, other, normal))
}

// gridStates are the states that an activation can come to.
func gridStates(m *machine) []steps.State {
	var states []steps.State
	for _, state := range m.states {
		if state != steps.StateExpired || m.plan.Deadline > 0 {
			states = append(states, state)
		}
	}
	return states
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

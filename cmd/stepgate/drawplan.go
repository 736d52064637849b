package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/steps"
)

// drawPlans draws plans for people: what they require, and their state machines.
func drawPlans(plans []plan) string {
	drawn := make([]string, len(plans))
	for i, p := range plans {
		names := make([]string, len(p.Steps))
		rows := make([]table.Row, len(p.Steps))
		for j, s := range p.Steps {
			names[j] = s.Name
			rows[j] = table.Row{s.Name, s.Scope, short(s.TTL), budgetOf(s.Budget), checkerOf(s)}
		}
		drawn[i] = fmt.Sprintf("%s, version %d: %s\n%s\n", p.Service, p.Version, strings.Join(names, " -> "), rulesOf(p.Plan)) +
			drawFilled(table.Row{"step", "proven for", "for how long", "failures", "checker"}, rows) + "\n" +
			drawTable(table.Row{"from", "on", "to"}, gathered(p.Table))
	}
	return strings.Join(drawn, "\n")
}

// rulesOf says what a plan has besides its steps, a line each.
func rulesOf(p httpapi.Plan) string {
	text := ""
	if p.TakeOver {
		text += "takes over the activations of older versions when it is applied\n"
	}
	if p.Deadline != "" {
		text += "must be activated within " + short(p.Deadline) + "\n"
	}
	if p.Hold.Limit > 0 {
		text += fmt.Sprintf("holds %d completions that come early, each for %s\n", p.Hold.Limit, short(p.Hold.TTL))
	}
	return text
}

func budgetOf(b httpapi.Budget) string {
	var parts []string
	if b.Tries > 0 {
		parts = append(parts, fmt.Sprintf("%d within %s lock for %s", b.Tries, short(b.Window), short(b.Lockout)))
	}
	if b.Lifetime > 0 {
		parts = append(parts, fmt.Sprintf("%d lock until unlocked", b.Lifetime))
	}
	return strings.Join(parts, "; ")
}

func checkerOf(s httpapi.PlanStep) string {
	if s.Confirm {
		return s.Checker + ", confirms"
	}
	return s.Checker
}

// short is a duration without the zeros at its end: "24h" for "24h0m0s".
func short(duration string) string {
	if strings.HasSuffix(duration, "m0s") {
		duration = strings.TrimSuffix(duration, "0s")
	}
	if strings.HasSuffix(duration, "h0m") {
		duration = strings.TrimSuffix(duration, "0m")
	}
	return duration
}

// gathered returns the rows of a table, all in one that lead to the same state
// on the same event.
func gathered(rows []engine.Row) []table.Row {
	var states []steps.State
	from := make(map[[2]string][]steps.State)
	for _, r := range rows {
		if !slices.Contains(states, r.From) {
			states = append(states, r.From)
		}
		move := [2]string{r.On, string(r.To)}
		from[move] = append(from[move], r.From)
	}
	var lines []table.Row
	for _, r := range rows {
		move := [2]string{r.On, string(r.To)}
		if sources := from[move]; sources != nil {
			lines = append(lines, table.Row{nameSources(states, sources, r.To), r.On, r.To})
			delete(from, move)
		}
	}
	return lines
}

// nameSources names the states from which an event leads to another. The states
// are the steps in order, activated, and the others.
func nameSources(states, sources []steps.State, to steps.State) string {
	activated := slices.Index(states, steps.StateActivated)
	target := slices.Index(states, to)
	switch {
	case len(sources) == 1:
		return string(sources[0])
	case len(sources) == len(states):
		return "(any)"
	case slices.Equal(sources, states[:activated]):
		return "(any step)"
	case target >= 0 && target < activated && slices.Equal(sources, states[target+1:activated+1]):
		return fmt.Sprintf("(after %s)", to)
	}
	var absent []string
	for _, s := range states {
		if !slices.Contains(sources, s) {
			absent = append(absent, string(s))
		}
	}
	return "(any but " + strings.Join(absent, ", ") + ")"
}

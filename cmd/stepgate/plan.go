package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
)

type planCmd struct {
	Show planShowCmd `cmd:"" help:"Show what a service requires, and the state machine that this makes."`
}

type planShowCmd struct {
	Service string `arg:"" optional:"" help:"The service; all of them where none is given."`
	Output  string `short:"o" aliases:"format" enum:"table,mermaid,dot,json,jsonl,yaml" default:"table" env:"STEPGATE_OUTPUT" placeholder:"FORM" help:"Print ${enum}."`
}

// Help implements kong.HelpProvider.
func (planShowCmd) Help() string {
	return `Examples:

    stepgate plan show
    stepgate plan show remoteCommands -o mermaid
    stepgate plan show remoteCommands -o dot | dot -Tsvg > plan.svg`
}

// plan is a plan as it is printed.
type plan struct {
	Service string       `json:"service"`
	Version uint32       `json:"version"`
	Steps   []planStep   `json:"steps"`
	Table   []engine.Row `json:"table"`
}

type planStep struct {
	Name    string   `json:"name"`
	Scope   string   `json:"scope"`
	Aliases []string `json:"aliases,omitempty"`
}

// Run implements the command.
func (c *planShowCmd) Run(a *app) error {
	chosen, err := c.choose(steps.Default())
	if err != nil {
		return err
	}
	switch c.Output {
	case "mermaid":
		return drawAll(a.out, chosen, "%%", engine.Mermaid)
	case "dot":
		return drawAll(a.out, chosen, "//", engine.Graphviz)
	}
	plans := make([]plan, len(chosen))
	for i, p := range chosen {
		if plans[i], err = describe(p); err != nil {
			return err
		}
	}
	return printList(output{c.Output}, a.out, plans, func() string { return drawPlans(plans) })
}

func (c *planShowCmd) choose(catalog steps.Catalog) ([]steps.Plan, error) {
	if c.Service == "" {
		return catalog.Plans(), nil
	}
	p, ok := catalog.Latest(c.Service)
	if !ok {
		return nil, fail(exitUsage, "stepgate plan show names those that there are", "no plan of service %q", c.Service)
	}
	return []steps.Plan{p}, nil
}

func describe(p steps.Plan) (plan, error) {
	rows, err := engine.Table(p)
	if err != nil {
		return plan{}, err
	}
	described := plan{Service: p.Service, Version: p.Version, Table: rows}
	for _, s := range p.Steps {
		described.Steps = append(described.Steps, planStep{s.Name, s.Scope.String(), s.Aliases})
	}
	return described, nil
}

// drawAll draws plans, each behind a comment that names it, as it stands when
// an activation begins.
func drawAll(w io.Writer, plans []steps.Plan, comment string, draw func(steps.Plan, steps.State) (string, error)) error {
	for _, p := range plans {
		drawn, err := draw(p, steps.State(p.Steps[0].Name))
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s %s, version %d\n%s\n", comment, p.Service, p.Version, strings.TrimRight(drawn, "\n")); err != nil {
			return err
		}
	}
	return nil
}

func drawPlans(plans []plan) string {
	drawn := make([]string, len(plans))
	for i, p := range plans {
		names := make([]string, len(p.Steps))
		for j, s := range p.Steps {
			names[j] = s.Name
		}
		drawn[i] = fmt.Sprintf("%s, version %d: %s\n\n", p.Service, p.Version, strings.Join(names, " -> ")) +
			drawTable(table.Row{"from", "on", "to"}, gathered(p.Table))
	}
	return strings.Join(drawn, "\n")
}

// gathered returns the rows of a table, those in one that lead to the same
// state on the same event from every state, or from every one but one.
func gathered(rows []engine.Row) []table.Row {
	var states []steps.State
	from := make(map[[2]string][]steps.State)
	known := make(map[steps.State]bool)
	for _, r := range rows {
		move := [2]string{r.On, string(r.To)}
		from[move] = append(from[move], r.From)
		if !known[r.From] {
			known[r.From] = true
			states = append(states, r.From)
		}
	}
	var lines []table.Row
	for _, r := range rows {
		move := [2]string{r.On, string(r.To)}
		sources := from[move]
		switch {
		case len(sources) == len(states):
			lines = append(lines, table.Row{"(any)", r.On, r.To})
		case len(sources) > 1 && len(sources) == len(states)-1:
			lines = append(lines, table.Row{"(any but " + absent(states, sources) + ")", r.On, r.To})
		case len(sources) > 0:
			lines = append(lines, table.Row{r.From, r.On, r.To})
			continue
		}
		delete(from, move)
	}
	return lines
}

// absent returns the state that is not among sources.
func absent(states, sources []steps.State) string {
	i := slices.IndexFunc(states, func(s steps.State) bool { return !slices.Contains(sources, s) })
	return string(states[i])
}

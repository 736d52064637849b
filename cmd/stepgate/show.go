package main

import (
	"context"
	"io"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/client"
	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/steps"
)

type showCmd struct {
	StepsID string `arg:"" name:"stepsID" help:"The activation."`
	Draw    string `enum:",mermaid,dot" default:"" placeholder:"FORM" help:"Draw its state machine instead, in mermaid or dot, the current state marked."`

	output
	connection
}

// Help implements kong.HelpProvider.
func (showCmd) Help() string {
	return `Examples:

    stepgate show STEPSID
    stepgate show STEPSID --draw dot | dot -Tsvg > activation.svg`
}

// Run implements the command.
func (c *showCmd) Run(a *app, chosen sources) error {
	id, err := parseID(c.StepsID)
	if err != nil {
		return err
	}
	return c.with(chosen, func(ctx context.Context, cl client.Client) error {
		found, err := cl.Show(ctx, id)
		if err != nil {
			return err
		}
		if c.Draw == "" {
			return c.document(a.out, found, func() string { return drawActivation(found) })
		}
		drawn, err := drawMachine(found, c.Draw)
		if err != nil {
			return err
		}
		_, err = io.WriteString(a.out, drawn+"\n")
		return err
	})
}

// drawMachine draws the state machine of an activation. Its steps are its plan.
func drawMachine(a httpapi.Activation, form string) (string, error) {
	p := steps.Plan{Service: a.Service, Version: a.Plan}
	for _, s := range a.Steps {
		p.Steps = append(p.Steps, steps.Step{Name: s.Name})
	}
	if form == "dot" {
		return engine.Graphviz(p, a.State)
	}
	return engine.Mermaid(p, a.State)
}

type historyCmd struct {
	StepsID string `arg:"" name:"stepsID" help:"The activation."`

	output
	connection
}

// Help implements kong.HelpProvider.
func (historyCmd) Help() string {
	return `Example:

    stepgate history STEPSID -o jsonl`
}

// Run implements the command.
func (c *historyCmd) Run(a *app, chosen sources) error {
	id, err := parseID(c.StepsID)
	if err != nil {
		return err
	}
	return c.with(chosen, func(ctx context.Context, cl client.Client) error {
		found, err := cl.History(ctx, id)
		if err != nil {
			return err
		}
		return printList(c.output, a.out, found.Entries, func() string { return drawEntries(found.Entries) })
	})
}

package main

import (
	"context"
	"errors"
	"io"
	"time"

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
		if found.State == steps.StateErased {
			return fail(exitRefused, "stepgate show without --draw shows what is left", "activation %s was erased", id)
		}
		plan, err := planOf(ctx, cl, found)
		if err != nil {
			return err
		}
		draw := engine.Mermaid
		if c.Draw == "dot" {
			draw = engine.Graphviz
		}
		drawn, err := draw(plan, found.State)
		if err != nil {
			return err
		}
		_, err = io.WriteString(a.out, drawn+"\n")
		return err
	})
}

// planOf returns as much of an activation's plan as its state machine follows
// from. Whether there is a deadline not every caller may ask; then it follows
// from the activation as long as that is not activated.
func planOf(ctx context.Context, cl client.Client, a httpapi.Activation) (steps.Plan, error) {
	plan := steps.Plan{Service: a.Service, Version: a.Plan}
	for _, s := range a.Steps {
		plan.Steps = append(plan.Steps, steps.Step{Name: s.Name})
	}
	ends := !a.Deadline.IsZero() || a.State == steps.StateExpired
	all, err := cl.Plans(ctx)
	if err != nil && !errors.Is(err, steps.ErrForbidden) {
		return plan, err
	}
	for _, p := range all.Plans {
		if p.Service == a.Service && p.Version == a.Plan {
			ends = p.Deadline != ""
		}
	}
	if ends {
		plan.Deadline = time.Hour // however long it is, the machine has a state for its end
	}
	return plan, nil
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
		return printList(c.output, a.out, found.Entries, func() string { return drawEntries(id, found.Entries) })
	})
}

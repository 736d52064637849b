package main

import (
	"context"
	"fmt"
	"reflect"

	"github.com/schollz/progressbar/v3"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/client"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/engine/planfile"
)

type planApplyCmd struct {
	File   string `arg:"" help:"The plan file."`
	Yes    bool   `help:"Do not ask first."`
	Reason string `default:"the plans were applied" placeholder:"TEXT" help:"Why; it stands in the histories."`
	acting

	output
	connection
}

// Help implements kong.HelpProvider.
func (planApplyCmd) Help() string {
	return `Moves every activation whose service has a newer version that takes over, after showing what "plan diff" shows. The server must run these plans already; a store that this command opens does.

Nothing moves where an activation would be stranded. After an interruption, do it again: it goes on.

Example:

    stepgate plan apply plans.yaml`
}

// Run implements the command.
func (c *planApplyCmd) Run(a *app, chosen sources) error {
	file, err := loadPlans(c.File)
	if err != nil {
		return err
	}
	actor, err := c.actor()
	if err != nil {
		return err
	}
	c.openWith(c.File)
	return c.with(chosen, func(ctx context.Context, cl client.Client) error {
		if err := c.compare(ctx, cl, file); err != nil {
			return err
		}
		effects, err := preview(ctx, cl, file, a.err)
		if err != nil {
			return err
		}
		if err := effects.print(a.out, c.output); err != nil {
			return err
		}
		if err := effects.stranded(c.File); err != nil {
			return err
		}
		n := effects.moving()
		if n == 0 {
			fmt.Fprintln(a.err, "nothing is to be moved")
			return nil
		}
		if !c.Yes {
			if err := a.confirm("move " + count(n, "activation")); err != nil {
				return err
			}
		}
		m := mover{
			client: cl, file: file, actor: actor, reason: c.Reason,
			bar: newBar(a.err, "moving", int64(n), progressbar.OptionShowCount()),
		}
		err = m.move(ctx)
		_ = m.bar.Finish()
		fmt.Fprintf(a.err, "activations moved: %d\n", m.moved)
		if err != nil && exitOf(err) == exitUnreachable {
			return fail(exitUnreachable, "do it again: it goes on", "%w", err)
		}
		return err
	})
}

// compare returns an error where the engine judges by other plans.
func (c *planApplyCmd) compare(ctx context.Context, cl client.Client, file planfile.File) error {
	running, err := cl.Plans(ctx)
	if err != nil {
		return err
	}
	var differing string
	left := make(map[string]httpapi.Plan)
	for _, p := range running.Plans {
		left[name(p)] = p
	}
	for _, p := range httpapi.NewPlans(file.Catalog).Plans {
		if !reflect.DeepEqual(left[name(p)], p) {
			differing = name(p)
		}
		delete(left, name(p))
	}
	for other := range left {
		differing = other
	}
	if differing == "" {
		return nil
	}
	return fail(exitRefused, "start it again with --plans "+c.File+" first, every replica of it, and then apply them",
		"the engine does not run %s as %s has it", differing, c.File)
}

func name(p httpapi.Plan) string { return fmt.Sprintf("version %d of %s", p.Version, p.Service) }

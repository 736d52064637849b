package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/client"
	"github.com/stepgate/stepgate/engine"
)

type planDiffCmd struct {
	File string `arg:"" help:"The plan file."`

	output
	connection
}

// Help implements kong.HelpProvider.
func (planDiffCmd) Help() string {
	return `Shows what a plan file would mean for every activation in flight, and changes nothing:

    kept      it stays on its version
    moved     it moves to the newest version, with what is proven
    relocked  it moves, and what was unlocked is locked again
    stranded  its version is gone, and nothing could move it any more

Example:

    stepgate plan diff plans.yaml`
}

// Run implements the command.
func (c *planDiffCmd) Run(a *app, chosen sources) error {
	file, err := loadPlans(c.File)
	if err != nil {
		return err
	}
	c.openWith(c.File)
	return c.with(chosen, func(ctx context.Context, cl client.Client) error {
		effects, err := preview(ctx, cl, file, a.err)
		if err != nil {
			return err
		}
		if err := effects.print(a.out, c.output); err != nil {
			return err
		}
		return effects.stranded(c.File)
	})
}

// stranded returns an error where activations would be stranded, or nil.
func (e effects) stranded(file string) error {
	var names []string
	stranded := 0
	for _, row := range e {
		if row.Effect == engine.Stranded {
			stranded += row.Count
			names = append(names, fmt.Sprintf("version %d of %s", row.From, row.Service))
		}
	}
	if stranded == 0 {
		return nil
	}
	return fail(exitStranded, "keep the versions that they are on as they are, in "+file,
		"%s would be stranded, on %s", count(stranded, "activation"), strings.Join(slices.Compact(names), ", "))
}

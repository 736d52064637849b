package main

import (
	"context"
	"fmt"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/client"
	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
)

type stepsCmd struct {
	StepsID     string `arg:"" optional:"" name:"stepsID" help:"The activation; or give --association or --vin."`
	Association string `placeholder:"ID" help:"The carAssociationID. The first time, this creates the activation."`
	VIN         string `name:"vin" placeholder:"VIN" help:"The vehicle, where you have one association with it."`
	Filter      string `enum:"all,todo,alreadyDone" default:"all" help:"Which steps: ${enum}."`
	Reset       bool   `help:"Begin again: the stepsID stays, every step is derived afresh."`
	Step        string `placeholder:"NAME" help:"With --reset: this step alone."`

	output
	connection
}

// Help implements kong.HelpProvider.
func (stepsCmd) Help() string {
	return `Examples:

    stepgate steps --association 987654
    stepgate steps STEPSID --filter todo -o json
    stepgate steps STEPSID --reset
    stepgate steps STEPSID --reset --step deviceActivation`
}

// Run implements the command.
func (c *stepsCmd) Run(a *app, chosen sources) error {
	req, err := c.request()
	if err != nil {
		return err
	}
	return c.with(chosen, func(ctx context.Context, cl client.Client) error {
		found, err := cl.Steps(ctx, req)
		if err != nil {
			return err
		}
		return c.document(a.out, found, func() string { return drawSteps(found) })
	})
}

func (c *stepsCmd) request() (engine.StepsRequest, error) {
	req := engine.StepsRequest{
		CarAssociationID: c.Association, VIN: c.VIN, Filter: steps.Filter(c.Filter), Reset: c.Reset, ResetStep: c.Step,
	}
	given := 0
	for _, text := range []string{c.StepsID, c.Association, c.VIN} {
		if text != "" {
			given++
		}
	}
	if given != 1 {
		return req, fail(exitUsage, "try stepgate steps --association 987654", "give one of a stepsID, --association and --vin")
	}
	if c.Step != "" && !c.Reset {
		return req, fail(exitUsage, "give --reset too", "--step names what is to be reset")
	}
	if c.StepsID == "" {
		return req, nil
	}
	var err error
	req.StepsID, err = parseID(c.StepsID)
	return req, err
}

// parseID reads a stepsID from the command line.
func parseID(text string) (steps.ID, error) {
	id, err := steps.ParseID(text)
	if err != nil {
		return 0, fail(exitUsage, "stepgate steps --association ID shows it", "%q is no stepsID", text)
	}
	return id, nil
}

type nextCmd struct {
	StepsID string `arg:"" name:"stepsID" help:"The activation."`

	output
	connection
}

// Help implements kong.HelpProvider.
func (nextCmd) Help() string {
	return `Prints the name of the next step to do, and nothing where none is left. In the other forms it is the step, or null.

Example:

    stepgate next STEPSID`
}

// Run implements the command.
func (c *nextCmd) Run(a *app, chosen sources) error {
	id, err := parseID(c.StepsID)
	if err != nil {
		return err
	}
	return c.with(chosen, func(ctx context.Context, cl client.Client) error {
		step, err := cl.Next(ctx, id)
		if err != nil {
			return err
		}
		return c.document(a.out, step, func() string {
			if step == nil {
				fmt.Fprintln(a.err, "no step is left: the service is unlocked")
				return ""
			}
			return step.Name + "\n"
		})
	})
}

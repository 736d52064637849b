package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"os/user"
	"syscall"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/client"
	"github.com/stepgate/stepgate/steps"
)

// act is an operator's act on an activation: an event that the command makes.
type act struct {
	StepsID string `arg:"" name:"stepsID" help:"The activation."`

	signature
	ID string `name:"id" placeholder:"ID" help:"The event's id, to send one again that had no answer. A new one where none is given."`

	output
	connection
}

// actSource is the source of the events that acts are.
const actSource = "stepgate/cli"

// tell sends an event of which the command says what it is, and shows its
// verdict.
func (c *act) tell(a *app, chosen sources, ev steps.Event) error {
	var err error
	if ev.StepsID, err = parseID(c.StepsID); err != nil {
		return err
	}
	if ev.Actor, err = c.actor(); err != nil {
		return err
	}
	ev.Reason = c.Reason
	ev.Key = steps.EventID(actSource, cmp.Or(c.ID, rand.Text()))
	return c.with(chosen, func(ctx context.Context, cl client.Client) error {
		results, err := cl.Send(ctx, []steps.Event{ev})
		if err == nil {
			err = results[0].Err
		}
		if err != nil {
			return unsure(err, ev.Key.ID)
		}
		verdict := results[0].Verdict
		if err := c.document(a.out, verdict, func() string { return drawVerdict(verdict) }); err != nil {
			return err
		}
		if verdict.Outcome == steps.Refused {
			return errQuiet(exitRefused)
		}
		return nil
	})
}

// unsure says how to send an event again of which nobody knows whether it was
// judged.
func unsure(err error, id string) error {
	if exitOf(err) != exitUnreachable || errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return fail(exitUnreachable, "it may have been judged: do it again with --id "+id, "%w", err)
}

// signature says who does something, and why.
type signature struct {
	Reason string `required:"" placeholder:"TEXT" help:"Why; it stands in the history."`
	acting
}

// acting says who does something.
type acting struct {
	Actor string `placeholder:"NAME" help:"Who does it; the user of this machine where none is given."`
}

func (s *acting) actor() (string, error) {
	if s.Actor != "" {
		return s.Actor, nil
	}
	u, err := user.Current()
	if err != nil {
		return "", fail(exitUsage, "say who does it with --actor", "it is not known who uses this machine: %w", err)
	}
	return u.Username, nil
}

type overrideCmd struct {
	act
	Step string `arg:"" help:"The step."`
}

// Help implements kong.HelpProvider.
func (overrideCmd) Help() string {
	return `Declares a step of one activation done, whatever its turn and its lockout. It counts in no other activation.

Example:

    stepgate override STEPSID mediumCarKey --reason "keys seen at the desk, ticket 4711"`
}

// Run implements the command.
func (c *overrideCmd) Run(a *app, chosen sources) error {
	return c.tell(a, chosen, steps.Event{Kind: steps.Overridden, Steps: []string{c.Step}})
}

type revokeCmd struct {
	act
	Step string `arg:"" help:"The step."`
}

// Help implements kong.HelpProvider.
func (revokeCmd) Help() string {
	return `Takes the proof of a step away for whomever it is proven: in every activation of the user, of the user on the device, or of the user with the vehicle.

Example:

    stepgate revoke STEPSID deviceActivation --reason "phone stolen, ticket 4711"`
}

// Run implements the command.
func (c *revokeCmd) Run(a *app, chosen sources) error {
	return c.tell(a, chosen, steps.Event{Kind: steps.Revoked, Steps: []string{c.Step}})
}

type cancelCmd struct {
	act
}

// Help implements kong.HelpProvider.
func (cancelCmd) Help() string {
	return `Calls an activation off, until its device asks for the list with a reset.

Example:

    stepgate cancel STEPSID --reason "vehicle sold"`
}

// Run implements the command.
func (c *cancelCmd) Run(a *app, chosen sources) error {
	return c.tell(a, chosen, steps.Event{Kind: steps.Cancelled})
}

type unlockCmd struct {
	act
	Step string `placeholder:"NAME" help:"This step alone; otherwise all of them."`
}

// Help implements kong.HelpProvider.
func (unlockCmd) Help() string {
	return `Gives the failure budgets back, which no reset does.

Examples:

    stepgate unlock STEPSID --reason "the user called, ticket 4711"
    stepgate unlock STEPSID --step trustedPhone --reason "wrong number corrected"`
}

// Run implements the command.
func (c *unlockCmd) Run(a *app, chosen sources) error {
	ev := steps.Event{Kind: steps.Unlocked}
	if c.Step != "" {
		ev.Steps = []string{c.Step}
	}
	return c.tell(a, chosen, ev)
}

package main

import (
	"context"
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/client"
	"github.com/stepgate/stepgate/engine/httpapi"
)

type eraseCmd struct {
	User string `required:"" placeholder:"USER" help:"Whose data is to be erased."`
	signature
	Yes bool `help:"Do not ask first."`

	output
	operation
}

// Help implements kong.HelpProvider.
func (eraseCmd) Help() string {
	return `Takes away everything of a user: activations, proofs, failure counts, what is held, what the histories tell of persons, and the associations that were put. Histories stay without that, and still verify.

Prints the receipt. What comes afterwards, such as an event that was under way, can be erased in the same way.

Example:

    stepgate erase --user alice --reason "request of 12 May, ticket 4711"`
}

// Run implements the command.
func (c *eraseCmd) Run(a *app, chosen sources) error {
	actor, err := c.actor()
	if err != nil {
		return err
	}
	if !c.Yes {
		if err := a.confirm("erase everything of user " + c.User + " for good"); err != nil {
			return err
		}
	}
	return c.with(chosen, func(ctx context.Context, cl client.Client) error {
		receipt, failed := cl.Erase(ctx, httpapi.ErasureRequest{User: c.User, Actor: actor, Reason: c.Reason})
		if failed != nil && len(receipt.Activations) == 0 {
			return failed
		}
		if err := c.document(a.out, receipt, func() string { return drawReceipt(receipt) }); err != nil {
			return err
		}
		return failed
	})
}

func drawReceipt(r httpapi.Receipt) string {
	drawn := fmt.Sprintf("erased at %s: %s\n", showTime(r.At), count(len(r.Activations), "activation"))
	if len(r.Activations) == 0 {
		return drawn
	}
	rows := make([]table.Row, len(r.Activations))
	for i, a := range r.Activations {
		rows[i] = table.Row{a.StepsID, a.Revision, a.Hash}
	}
	return drawn + "\n" + drawTable(table.Row{"stepsID", "revision", "hash"}, rows)
}

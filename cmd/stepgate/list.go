package main

import (
	"context"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/client"
	"github.com/stepgate/stepgate/engine/httpapi"
)

type listCmd struct {
	User        string `placeholder:"USER" help:"Only those of this user."`
	State       string `placeholder:"STATE" help:"Only those in this state: a step's name, activated, cancelled, expired or erased."`
	Service     string `placeholder:"NAME" help:"Only those of this service."`
	Association string `placeholder:"ID" help:"Only those of this carAssociationID."`
	Limit       int    `placeholder:"N" help:"Stop after this many; 0, the default, lists all."`

	output
	operation
}

// Help implements kong.HelpProvider.
func (listCmd) Help() string {
	return `In the order of their stepsIDs: the oldest first. Of very many, -o jsonl keeps none in memory.

Examples:

    stepgate list --user alice
    stepgate list --state mediumCarKey
    stepgate list -o jsonl | jq -r .stepsID`
}

// pageSize is how many activations are asked for at once: as many as may be.
const pageSize = 1000

// Run implements the command.
func (c *listCmd) Run(a *app, chosen sources) error {
	if c.Limit < 0 {
		return fail(exitUsage, "give 0 or more", "--limit %d is less than nothing", c.Limit)
	}
	return c.with(chosen, func(ctx context.Context, cl client.Client) error {
		var found []httpapi.Activation
		err := c.pages(ctx, cl, func(page []httpapi.Activation) error {
			if c.Output == "jsonl" {
				return printList(c.output, a.out, page, nil)
			}
			found = append(found, page...)
			return nil
		})
		if err != nil || c.Output == "jsonl" {
			return err
		}
		return printList(c.output, a.out, found, func() string { return drawList(found) })
	})
}

// pages visits the activations that are asked for, page by page.
func (c *listCmd) pages(ctx context.Context, cl client.Client, visit func([]httpapi.Activation) error) error {
	q := client.Query{User: c.User, State: c.State, Service: c.Service, Association: c.Association}
	for left := c.Limit; ; left -= q.Limit {
		q.Limit = pageSize
		if c.Limit > 0 {
			q.Limit = min(left, pageSize)
		}
		page, err := cl.List(ctx, q)
		if err != nil {
			return err
		}
		if err := visit(page.Activations); err != nil {
			return err
		}
		if page.Next == "" || c.Limit > 0 && left <= q.Limit {
			return nil
		}
		q.Cursor = page.Next
	}
}

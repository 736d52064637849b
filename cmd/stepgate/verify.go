package main

import (
	"context"
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/client"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/steps"
)

type verifyCmd struct {
	output
	connection
}

// Help implements kong.HelpProvider.
func (verifyCmd) Help() string {
	return `Reads every history and says which entry is changed, missing or reordered, and which activation does not follow from its history. It changes nothing, and may run while a server works.

Prints the faults; how many activations and entries were read stands on standard error. -o jsonl prints each fault as it is found.

Examples:

    stepgate verify
    stepgate verify --store pebble:COPY -o jsonl`
}

// verifyPage is how many histories are verified at once: each may have 10,000
// entries and more.
const verifyPage = 100

// Run implements the command.
func (c *verifyCmd) Run(a *app, chosen sources) error {
	return c.with(chosen, func(ctx context.Context, cl client.Client) error {
		found := httpapi.Verification{Faults: []httpapi.Fault{}}
		broken := walk(a.err, "verifying", func(after steps.ID) (steps.ID, error) {
			page, err := cl.Verify(ctx, client.Page{After: after, Limit: verifyPage})
			if err == nil {
				err = c.add(a, &found, page)
			}
			return page.Next, err
		})
		if broken != nil && found.Activations == 0 {
			return broken
		}
		if err := c.print(a, found); err != nil {
			return err
		}
		fmt.Fprintf(a.err, "activations: %d; entries: %d; faults: %d\n", found.Activations, found.Entries, len(found.Faults))
		if broken == nil && len(found.Faults) > 0 {
			return fail(exitUnsound, "the guide to operating says what to do about each", "%s found", count(len(found.Faults), "fault"))
		}
		return broken
	})
}

// add adds a page to what was found.
func (c *verifyCmd) add(a *app, found *httpapi.Verification, page httpapi.Verification) error {
	found.Activations += page.Activations
	found.Entries += page.Entries
	found.Faults = append(found.Faults, page.Faults...)
	if c.Output != "jsonl" {
		return nil
	}
	return printList(c.output, a.out, page.Faults, nil)
}

// print prints what was found, but for what add has printed.
func (c *verifyCmd) print(a *app, found httpapi.Verification) error {
	if c.Output == "jsonl" {
		return nil
	}
	return c.document(a.out, found, func() string { return drawFaults(found.Faults) })
}

func drawFaults(faults []httpapi.Fault) string {
	if len(faults) == 0 {
		return ""
	}
	rows := make([]table.Row, len(faults))
	for i, f := range faults {
		rows[i] = table.Row{f.StepsID, optional(f.Revision), f.What}
	}
	return drawTable(table.Row{"stepsID", "revision", "what"}, rows)
}

// optional is a number in a table, where zero is none.
func optional(n uint32) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

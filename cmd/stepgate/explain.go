package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/client"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/steps"
)

type explainCmd struct {
	What string `arg:"" optional:"" name:"stepsID|code" help:"The activation, or an error code; all codes where none is given."`

	output
	connection
}

// Help implements kong.HelpProvider.
func (explainCmd) Help() string {
	return `Of an activation: its state, since when and until when, what blocks it, which events unblock it, who must act, and when it can be tried again. Of an error code: what it means, and what to do.

Examples:

    stepgate explain STEPSID
    stepgate explain 2317`
}

// Run implements the command.
func (c *explainCmd) Run(a *app, chosen sources) error {
	if c.What == "" {
		all := httpapi.NewCodes().Codes
		return printList(c.output, a.out, all, func() string { return drawCodes(all) })
	}
	if code, ok := parseCode(c.What); ok {
		shape := httpapi.NewCode(code)
		return c.document(a.out, shape, func() string { return drawCode(shape) })
	}
	id, err := parseID(c.What)
	if err != nil {
		return fail(exitUsage, "stepgate steps shows stepsIDs, stepgate explain the codes", "%q is neither a stepsID nor an error code", c.What)
	}
	return c.with(chosen, func(ctx context.Context, cl client.Client) error {
		found, err := cl.Explain(ctx, id)
		if err != nil {
			return err
		}
		return c.document(a.out, found, func() string { return drawExplanation(found) })
	})
}

// parseCode returns the error code that a text is. No stepsID is as small, but
// one that was drawn by a clock years behind.
func parseCode(text string) (steps.Code, bool) {
	n, err := strconv.Atoi(text)
	return steps.Code(n), err == nil && slices.Contains(steps.Codes(), steps.Code(n))
}

func drawExplanation(x httpapi.Explanation) string {
	rows := []table.Row{{"stepsID", x.StepsID}, {"state", fmt.Sprintf("%s since %s", x.State, showTime(x.Since))}}
	if !x.Until.IsZero() {
		rows = append(rows, table.Row{"changes", "by itself at " + showTime(x.Until)})
	}
	blocks := x.Blocks
	if blocks == "" {
		blocks = "Nothing."
	}
	rows = append(rows, table.Row{"blocked by", blocks}, table.Row{"must act", x.Who})
	label := "unblocked by"
	for _, remedy := range x.Unblocks {
		rows = append(rows, table.Row{label, strings.TrimSpace(remedy.Type + " " + remedy.Step)})
		label = "or"
	}
	if !x.RetryAt.IsZero() {
		rows = append(rows, table.Row{"not before", showTime(x.RetryAt)})
	}
	return drawTable(nil, rows)
}

func drawCode(c httpapi.Code) string { return fmt.Sprintf("%d: %s\n\n%s\n", c.Code, c.Label, c.Advice) }

func drawCodes(all []httpapi.Code) string {
	rows := make([]table.Row, len(all))
	for i, c := range all {
		rows[i] = table.Row{c.Code, c.Label}
	}
	return drawTable(table.Row{"code", "label"}, rows)
}

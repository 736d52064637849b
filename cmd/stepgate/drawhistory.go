package main

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/steps"
)

// drawEntries draws the history of an activation for people.
func drawEntries(id steps.ID, entries []httpapi.Entry) string {
	rows := make([]table.Row, len(entries))
	for i, e := range entries {
		rows[i] = table.Row{
			e.Revision, showTime(e.At), e.Kind, strings.Join(e.Steps, " "),
			strings.TrimSpace(e.Outcome.String() + " " + string(e.Reason)), e.After, e.Epoch,
			strings.TrimSpace(e.Source + " " + e.ID), bringer(e), details(id, e),
		}
	}
	return drawFilled(table.Row{"rev", "at", "kind", "steps", "outcome", "state after", "epoch", "event", "caller", "details"}, rows)
}

// bringer says who brought an entry, and by which channel.
func bringer(e httpapi.Entry) string {
	if e.Digest != "" {
		return "erased"
	}
	return e.Caller + " by " + e.Channel
}

// details is what a history entry of its kind tells besides.
func details(id steps.ID, e httpapi.Entry) string {
	var all []string
	if e.Plan > 0 && e.Kind != steps.Created.String() {
		all = append(all, fmt.Sprint("to version ", e.Plan))
	}
	if e.Of > 0 {
		all = append(all, fmt.Sprint("of entry ", e.Of))
	}
	if by := originOf(e.Origin, id); by != "" {
		all = append(all, "proven by "+by)
	}
	if !e.Until.IsZero() {
		all = append(all, "until "+showTime(e.Until))
	}
	if e.ClaimedEpoch != nil && *e.ClaimedEpoch != e.Epoch {
		all = append(all, fmt.Sprint("told in epoch ", *e.ClaimedEpoch))
	}
	if e.Actor != "" {
		all = append(all, "by "+e.Actor)
	}
	if e.Comment != "" {
		all = append(all, e.Comment)
	}
	return strings.Join(all, "; ")
}

package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/steps"
)

// drawSteps draws a list of steps for people.
func drawSteps(a httpapi.Activation) string {
	rows := make([]table.Row, len(a.Steps))
	for i, s := range a.Steps {
		rows[i] = table.Row{s.Order, s.Name, s.Status}
	}
	return fmt.Sprintf("stepsID %s: %s for %s\n\n", a.StepsID, a.Service, a.VIN) +
		drawTable(table.Row{"order", "step", "status"}, rows) +
		fmt.Sprintf("\nnext: %s\n", nextStep(a))
}

// drawActivation draws all of an activation for people.
func drawActivation(a httpapi.Activation) string {
	facts := drawTable(nil, []table.Row{
		{"stepsID", a.StepsID},
		{"association", a.CarAssociationID},
		{"user", a.User},
		{"device", a.Device},
		{"service", fmt.Sprintf("%s, plan version %d", a.Service, a.Plan)},
		{"vin", a.VIN},
		{"created", showTime(a.Created)},
		{"state", fmt.Sprintf("%s since %s", a.State, showTime(a.Since))},
		{"epoch", a.Epoch},
		{"revision", a.Revision},
		{"next", nextStep(a)},
	})
	rows := make([]table.Row, len(a.Steps))
	for i, s := range a.Steps {
		proven := ""
		if s.ProvenAt != nil {
			proven = showTime(*s.ProvenAt)
		}
		rows[i] = table.Row{s.Order, s.Name, s.Status, proven}
	}
	return facts + "\n" + drawTable(table.Row{"order", "step", "status", "proven"}, rows)
}

// nextStep says what is next for an activation.
func nextStep(a httpapi.Activation) string {
	switch a.State {
	case steps.StateActivated:
		return "nothing: the service is unlocked"
	case steps.StateCancelled:
		return "nothing until it is reset"
	}
	return string(a.State)
}

// drawEntries draws a history for people.
func drawEntries(entries []httpapi.Entry) string {
	rows := make([]table.Row, len(entries))
	for i, e := range entries {
		rows[i] = table.Row{
			e.Revision, showTime(e.At), e.Kind, strings.Join(e.Steps, " "),
			strings.TrimSpace(e.Outcome.String() + " " + string(e.Reason)), e.After, e.Epoch,
			strings.TrimSpace(e.Source + " " + e.ID), e.Caller + " by " + e.Channel,
		}
	}
	return drawTable(table.Row{"rev", "at", "kind", "steps", "outcome", "state after", "epoch", "event", "caller"}, rows)
}

// drawList draws activations for people, a line each.
func drawList(found []httpapi.Activation) string {
	rows := make([]table.Row, len(found))
	for i, a := range found {
		rows[i] = table.Row{a.StepsID, a.CarAssociationID, a.User, a.Device, a.Service, a.VIN, a.State, showTime(a.Since), a.Epoch}
	}
	return drawTable(table.Row{"stepsID", "association", "user", "device", "service", "vin", "state", "since", "epoch"}, rows)
}

func showTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// drawTable draws rows below a header, if there is one.
func drawTable(header table.Row, rows []table.Row) string {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.OptionsNoBordersAndSeparators
	t.Style().Box.PaddingLeft = ""
	t.Style().Box.PaddingRight = "  "
	t.SuppressTrailingSpaces()
	if header != nil {
		t.AppendHeader(header)
	}
	t.AppendRows(rows)
	return t.Render() + "\n"
}

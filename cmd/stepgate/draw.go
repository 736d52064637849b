package main

import (
	"fmt"
	"slices"
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
	facts := []table.Row{
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
	}
	if !a.Deadline.IsZero() {
		facts = append(facts, table.Row{"deadline", showTime(a.Deadline)})
	}
	for _, h := range a.Held {
		facts = append(facts, table.Row{"held", fmt.Sprintf("%s until %s, by entry %d", strings.Join(h.Steps, " "), showTime(h.Until), h.Revision)})
	}
	facts = slices.DeleteFunc(facts, func(r table.Row) bool { return r[1] == "" }) // as of one that was erased
	drawn := drawTable(nil, facts)
	if len(a.Steps) == 0 {
		return drawn
	}
	rows := make([]table.Row, len(a.Steps))
	for i, s := range a.Steps {
		rows[i] = table.Row{s.Order, s.Name, statusOf(s), showTime(s.ProvenAt), showTime(s.Until), originOf(s.Origin, a.StepsID)}
	}
	return drawn + "\n" + drawFilled(table.Row{"order", "step", "status", "proven", "until", "by"}, rows)
}

func statusOf(s httpapi.Step) string {
	if s.Revoked {
		return string(s.Status) + ", revoked"
	}
	return string(s.Status)
}

// originOf says by what a step was proven, and through which activation where
// that is another than this one.
func originOf(o httpapi.Origin, this steps.ID) string {
	text := strings.TrimSpace(o.Source + " " + o.ID)
	if o.StepsID != 0 && o.StepsID != this {
		text = strings.TrimSpace(fmt.Sprintf("%s through %s", text, o.StepsID))
	}
	return text
}

// nextStep says what is next for an activation.
func nextStep(a httpapi.Activation) string {
	switch a.State {
	case steps.StateActivated:
		return "nothing: the service is unlocked"
	case steps.StateCancelled, steps.StateExpired:
		return "nothing until it is reset"
	case steps.StateErased:
		return "nothing: it was erased"
	}
	return string(a.State)
}

// drawList draws activations for people, a line each.
func drawList(found []httpapi.Activation) string {
	rows := make([]table.Row, len(found))
	for i, a := range found {
		rows[i] = table.Row{a.StepsID, a.CarAssociationID, a.User, a.Device, a.Service, a.VIN, a.State, showTime(a.Since), a.Epoch}
	}
	return drawTable(table.Row{"stepsID", "association", "user", "device", "service", "vin", "state", "since", "epoch"}, rows)
}

// showTime is a time in a table, where the zero time is none.
func showTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// count is a number of things: "1 fault", "2 faults".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// drawTable draws rows below a header, if there is one.
func drawTable(header table.Row, rows []table.Row) string {
	return newTable(header, rows).Render() + "\n"
}

// drawFilled draws rows, without the columns in which nothing stands.
func drawFilled(header table.Row, rows []table.Row) string {
	t := newTable(header, rows)
	t.SuppressEmptyColumns()
	return t.Render() + "\n"
}

func newTable(header table.Row, rows []table.Row) table.Writer {
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
	return t
}

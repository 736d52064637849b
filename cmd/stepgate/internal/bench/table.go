package bench

import (
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
)

// Draw prints a report for people.
func (r *Report) Draw(w io.Writer) error {
	t := newTable("callers", "", "writes/s", "p50 µs", "p99 µs", "read p50", "read p99", "allocs/call", "bytes/call")
	for _, run := range r.Runs {
		t.AppendRow(figures(run.Callers, "limit", run.Limit))
		t.AppendRow(figures("", "engine", run.Engine))
		t.AppendRow(table.Row{"", "of the limit", spread(run.Throughput), "", spread(run.P99)})
	}
	goals := newTable("goal", "", "wanted", "got", "")
	for _, g := range r.Goals {
		goals.AppendRow(g.row())
	}
	_, err := fmt.Fprintf(w, "%s, %s\n\n%s\n\nThe limit writes %s: %.0f bytes each.\n\n%s\n",
		r.Store, r.Machine, t.Render(), r.Journal.Bytes, r.Journal.BytesPerWrite, goals.Render())
	return err
}

// String says what the machine is.
func (m Machine) String() string {
	return fmt.Sprintf("%d CPUs %s, %s, %s", m.CPUs, m.CPU, m.System, m.Go)
}

func (g Goal) row() table.Row {
	sense, verdict := "at least", "met"
	if g.AtMost {
		sense = "at most"
	}
	if !g.Met {
		verdict = "MISSED"
	}
	return table.Row{g.Name, sense, fmt.Sprintf("%.2f", g.Wanted), fmt.Sprintf("%.2f", g.Got), verdict}
}

func figures(callers any, what string, s Sample) table.Row {
	row := table.Row{callers, what, fmt.Sprintf("%.0f", s.PerSecond), fmt.Sprintf("%.0f", s.P50), fmt.Sprintf("%.0f", s.P99)}
	if s.Reads == 0 {
		return row
	}
	return append(row, fmt.Sprintf("%.1f", s.ReadP50), fmt.Sprintf("%.1f", s.ReadP99), fmt.Sprintf("%.1f", s.AllocsCall), fmt.Sprintf("%.0f", s.BytesCall))
}

func spread(r Ratio) string { return fmt.Sprintf("%.2f (%.2f-%.2f)", r.Median, r.Min, r.Max) }

func newTable(header ...any) table.Writer {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.OptionsNoBordersAndSeparators
	t.Style().Box.PaddingLeft = ""
	t.Style().Box.PaddingRight = "  "
	t.AppendHeader(header)
	t.SuppressTrailingSpaces()
	return t
}

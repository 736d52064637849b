package bench

import (
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Draw prints a report for people.
func (r *Report) Draw(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%s on %s; %s\n", r.Store, r.Machine, r.Date.Format("2006-01-02 15:04 MST"))
	for _, part := range []string{r.drawSeries(), r.drawPreload(), r.drawHTTP(), r.drawGoals()} {
		if part != "" && err == nil {
			_, err = io.WriteString(w, "\n"+part+"\n")
		}
	}
	return err
}

func (r *Report) drawSeries() string {
	if len(r.Series) == 0 {
		return ""
	}
	t := newTable("callers", "", "writes/s", "p50", "p99", "read p50", "read p99", "CPU/call", "allocs/call", "bytes/call")
	for _, s := range r.Series {
		t.AppendRow(s.Limit.row(s.Callers, "limit"))
		t.AppendRow(s.Engine.row("", "engine"))
		t.AppendRow(table.Row{"", "of the limit", s.Throughput, "", s.P99})
		if s.Full != nil {
			t.AppendRow(s.Opened.row("", "full store, just opened"))
			t.AppendRow(table.Row{"", "of the empty", s.Opened.OfEmpty})
			t.AppendRow(s.Full.row("", "full store"))
			t.AppendRow(table.Row{"", "of the empty", s.Full.OfEmpty})
		}
	}
	return fmt.Sprintf("%s\n\nTimes are microseconds, medians of %d rounds; ratios are medians of the rounds' own (and their range).\n"+
		"A write is a call that makes something durable: an activation created, or a step completed.\nThe limit writes %s: %.0f bytes each.\n%s",
		t.Render(), len(r.Series[0].Rounds), r.Journal.Bytes, r.Journal.BytesPerWrite, r.drawDisk())
}

func (r *Report) drawDisk() string {
	lines := ""
	for _, s := range r.Series {
		if s.Disk != nil {
			lines += fmt.Sprintf("%d callers left %v.\n", s.Callers, s.Disk)
		}
	}
	return lines
}

func (r *Report) drawPreload() string {
	p := r.Preload
	if p == nil {
		return ""
	}
	said := fmt.Sprintf("The full store held %d activations, made in %.0f s by %d callers. It opened in %v s;\n"+
		"the process then took %.0f MiB, and while it was measured %.0f MiB at the most.\n",
		p.Activations, p.FillSeconds, fillers, p.OpenSeconds, p.ResidentOpened, p.ResidentPeak)
	if p.Disk != nil {
		said += fmt.Sprintf("In the end it was %v.\n", p.Disk)
	}
	return said
}

func (r *Report) drawHTTP() string {
	h := r.HTTP
	if h == nil {
		return ""
	}
	t := newTable("connections", "", "requests/s", "p50", "p99", "", "", "CPU/request")
	t.AppendRow(h.Bare.row(h.Connections, "bare handler"))
	t.AppendRow(h.Engine.row("", "engine"))
	t.AppendRow(table.Row{"", "of the bare", h.Throughput})
	return fmt.Sprintf("%s\n\nTimes are microseconds, medians of %d rounds. A request is one event; the client's part of the work is in both.\n",
		t.Render(), len(h.Rounds))
}

func (r *Report) drawGoals() string {
	t := newTable("goal", "", "wanted", "got", "")
	for _, g := range r.Goals {
		t.AppendRow(g.row())
	}
	return t.Render()
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

func (s *Sample) row(callers any, what string) table.Row {
	row := table.Row{callers, what, fmt.Sprintf("%.0f", s.PerSecond), fmt.Sprintf("%.0f", s.P50), fmt.Sprintf("%.0f", s.P99)}
	if s.Reads == 0 {
		return append(row, "", "", fmt.Sprintf("%.1f", s.CPUPerCall))
	}
	return append(row, fmt.Sprintf("%.1f", s.ReadP50), fmt.Sprintf("%.1f", s.ReadP99),
		fmt.Sprintf("%.1f", s.CPUPerCall), fmt.Sprintf("%.1f", s.AllocsPerCall), fmt.Sprintf("%.0f", s.BytesPerCall))
}

// String says what the machine is.
func (m Machine) String() string {
	return fmt.Sprintf("%d CPUs %s, %s, %s", m.CPUs, m.CPU, m.System, m.Go)
}

// String returns the median, and the range behind it.
func (r Ratio) String() string { return fmt.Sprintf("%.2f (%.2f-%.2f)", r.Median, r.Min, r.Max) }

// String says what was measured and how.
func (d *Disk) String() string {
	return fmt.Sprintf("%.0f bytes on disk for each of %d activations (%s)", d.PerActivation, d.Activations, d.How)
}

func newTable(header ...any) table.Writer {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.OptionsNoBordersAndSeparators
	t.Style().Format.Header = text.FormatDefault
	t.Style().Box.PaddingLeft = ""
	t.Style().Box.PaddingRight = "  "
	t.AppendHeader(header)
	t.SuppressTrailingSpaces()
	return t
}

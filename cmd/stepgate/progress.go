package main

import (
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/stepgate/stepgate/steps"
)

// newBar draws how much of something is done on a terminal, and on anything else
// nothing. A total of -1 is not known.
func newBar(w io.Writer, what string, total int64, options ...progressbar.Option) *progressbar.ProgressBar {
	return progressbar.NewOptions64(total, append(options,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetVisibility(isTerminal(w)),
		progressbar.OptionSetDescription(what),
		progressbar.OptionSetRenderBlankState(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)...)
}

// walk visits pages in the order of the stepsIDs, each behind the end of the one
// before, and draws how far it has come. A page returns where to go on, 0 at the
// end.
func walk(w io.Writer, what string, page func(after steps.ID) (next steps.ID, err error)) error {
	var bar *progressbar.ProgressBar
	defer func() {
		if bar != nil {
			_ = bar.Finish()
		}
	}()
	// stepsIDs lie in the order of time, so the end is known: it is now.
	for first, last := steps.ID(0), steps.ID(0); ; {
		next, err := page(last)
		if err != nil || next == 0 {
			return err
		}
		if bar == nil {
			first = next
			bar = newBar(w, what, int64(max(steps.NewID(time.Now(), 0), first+1)-first))
		}
		_ = bar.Set64(int64(next - first)) // what cannot be drawn is not seen
		last = next
	}
}

package bench

import (
	"io"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress draws how much of something is done, from a goroutine of its own, so
// that whoever does it only counts.
type progress struct {
	done    atomic.Int64
	closing chan struct{}
	closed  chan struct{}
}

const redraw = 200 * time.Millisecond

// newProgress draws a bar on w, until stop; nil: nowhere.
func newProgress(w io.Writer, what string, total int) *progress {
	p := &progress{closing: make(chan struct{}), closed: make(chan struct{})}
	if w == nil {
		w = io.Discard
	}
	bar := progressbar.NewOptions(total,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(),
		progressbar.OptionClearOnFinish(),
	)
	go p.draw(bar)
	return p
}

func (p *progress) draw(bar *progressbar.ProgressBar) {
	defer close(p.closed)
	tick := time.NewTicker(redraw)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_ = bar.Set64(p.done.Load()) // what cannot be drawn is not seen
		case <-p.closing:
			_ = bar.Finish()
			return
		}
	}
}

// stop takes the bar away.
func (p *progress) stop() {
	close(p.closing)
	<-p.closed
}

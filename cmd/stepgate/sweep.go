package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
)

// sweeper records what falls due without an event, again and again.
type sweeper struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// sweeping is as whom a sweeper calls the engine.
var sweeping = steps.Caller{User: "stepgate", Rights: steps.Operate, Channel: "sweep"}

// startSweeper begins to sweep every so often, which may be never: 0.
func startSweeper(eng *engine.Engine, every time.Duration, log *slog.Logger) *sweeper {
	ctx, cancel := context.WithCancel(context.Background())
	s := &sweeper{cancel: cancel, done: make(chan struct{})}
	if every == 0 {
		close(s.done)
		return s
	}
	go s.run(ctx, eng, every, log)
	return s
}

func (s *sweeper) run(ctx context.Context, eng *engine.Engine, every time.Duration, log *slog.Logger) {
	defer close(s.done)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		told, err := eng.Sweep(ctx, sweeping)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			log.Warn("not all that fell due is told: the next sweep tries again", "told", told, "err", err)
		case told > 0:
			log.Debug("told what fell due", "activations", told)
		}
	}
}

// stop ends sweeping, and returns when nothing is under way any more.
func (s *sweeper) stop() {
	s.cancel()
	<-s.done
}

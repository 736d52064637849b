package engine_test

import (
	"slices"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// follow is what follows from a change of proofs: held completions whose turn
// came are absorbed, those that came to nothing are dropped, until none is left
// that must go.
func (w *world) follow(a *activation, now time.Time) *failing {
	for {
		i := slices.IndexFunc(a.held, func(h waiting) bool { return w.mustGo(a, h) })
		if i < 0 {
			return nil
		}
		if w.fault == "absorbs out of order" {
			for j, h := range a.held {
				if w.mustGo(a, h) {
					i = j
				}
			}
		}
		if failed := w.absorb(a, i, now); failed != nil {
			return failed
		}
	}
}

// absorb proves what is still to do of a held completion, or drops it.
func (w *world) absorb(a *activation, i int, now time.Time) *failing {
	h := a.held[i]
	todo := a.todo(h.steps)
	_, locked := w.locked(a, todo, now)
	if locked = locked && w.fault != "absorbs although it is locked"; locked {
		todo = nil
	}
	until, says, failed := w.confirm(a, todo, now)
	if failed != nil {
		return failed
	}
	a.enter(now, func() {
		a.held = slices.Delete(slices.Clone(a.held), i, i+1)
		for _, name := range todo {
			if says || w.fault == "absorbs what a checker denies by now" {
				w.prove(a, name, h.key, until, now)
			}
		}
	})
	return nil
}

// mustGo reports whether a held completion waits no longer: its steps are done,
// or its turn came.
func (w *world) mustGo(a *activation, h waiting) bool {
	return a.over == "" && (len(a.todo(h.steps)) == 0 || a.isTurn(h.steps) || w.fault == "absorbs too early")
}

// fallDue does what falls due by the clock, without an event.
func (w *world) fallDue(a *activation, now time.Time) {
	if a.over != "" {
		return
	}
	if !lasts(a.deadline, now) || w.fault == "the deadline applies after the activation" && !lasts(end(a.begun, a.plan.Deadline), now) {
		a.enter(a.deadline, func() { a.over = steps.StateExpired })
		if w.fault != "what is held outlives its activation" {
			w.drop(a, a.held, now)
		}
		return
	}
	var gone []string
	for _, name := range a.allSteps() {
		if p, done := a.done[name]; done && !lasts(p.until, now) {
			gone = append(gone, name)
		}
	}
	if len(gone) > 0 && w.fault != "a proof outlives its time" {
		since := a.done[gone[0]].until // the state, where the state changes
		a.enter(since, func() {
			for _, name := range gone {
				delete(a.done, name)
			}
		})
		w.follow(a, now)
	}
	for i := 0; i < len(a.held); i++ {
		if !lasts(a.held[i].until, now) && w.fault != "a held completion outlives its time" {
			a.enter(now, func() { a.held = slices.Delete(slices.Clone(a.held), i, i+1) })
			i--
		}
	}
}

package engine_test

import (
	"slices"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// drawActivation draws an activation, the older the more often.
func (w *walk) drawActivation() *activation {
	return w.world.activations[w.draw(1+w.draw(len(w.world.activations)))]
}

// drawEvent draws a new event for an activation and who tells it.
func (w *walk) drawEvent(id string, a *activation) (steps.Caller, steps.Event) {
	ev := steps.Event{Key: steps.EventID("test", id), StepsID: a.id}
	caller := operator
	switch n := w.draw(40); {
	case n < 20:
		ev.Kind, ev.Steps, caller = steps.Completed, w.drawSteps(a), reporter
		if w.draw(5) == 0 {
			caller = device(a.association.User, a.device)
		}
	case n < 27 || len(a.held) > 0 && n%4 == 0:
		ev.Kind, ev.Steps, caller = steps.Failed, w.drawSteps(a), reporter
	case n < 29:
		ev.Kind = steps.Reset
		if w.draw(2) == 0 {
			ev.Steps = w.drawSteps(a)[:1]
		}
	case n < 30:
		ev.Kind = steps.Cancelled
	case n < 33:
		ev.Kind, ev.Steps = steps.Overridden, w.drawSteps(a)[:1]
	case n < 36:
		ev.Kind, ev.Steps = steps.Revoked, w.drawSteps(a)[:1]
	case n < 38:
		ev.Kind = steps.Unlocked
		if w.draw(2) == 0 {
			ev.Steps = w.drawSteps(a)[:1]
		}
	default:
		ev.Kind, ev.Plan = steps.Moved, uint32(1+w.draw(3))
	}
	if ev.Kind != steps.Failed && w.asksInVain(a, ev.Kind) {
		ev.Kind, ev.Steps, ev.Plan, caller = steps.Failed, w.drawSteps(a), 0, reporter
	}
	if caller.User == operator.User {
		ev.Actor, ev.Reason = "ann", "she asked for it"
	}
	switch w.draw(8) {
	case 0:
		epoch := uint32(max(0, int(a.epoch)+w.draw(3)-1))
		ev.Epoch = &epoch
	case 1:
		ev.Time = w.now.Add(time.Duration(w.draw(20)-15) * time.Second)
	}
	return caller, ev
}

// drawSteps draws one or several steps of an activation: mostly those whose
// turn it is, sometimes some that wait, unknown, unordered or under an alias.
func (w *walk) drawSteps(a *activation) []string {
	if len(a.held) > 0 && w.draw(3) == 0 {
		return slices.Clone(a.held[0].steps)
	}
	names := a.allSteps()
	first := w.draw(len(names))
	if next := slices.Index(names, string(a.state())); next >= 0 && w.draw(2) == 0 {
		first = next
	}
	chosen := []string{names[first]}
	for next := first + 1; next < len(names) && w.draw(3) == 0; next++ {
		chosen = append(chosen, names[next])
	}
	switch w.draw(16) {
	case 0:
		chosen = append(chosen, "noSuchStep")
	case 1:
		slices.Reverse(chosen)
	case 2:
		for i, name := range chosen {
			if aliases := a.plan.Steps[index(a.plan, name)].Aliases; len(aliases) > 0 {
				chosen[i] = aliases[0]
			}
		}
	}
	return chosen
}

// drawAgain draws an event that was told before, or one that pretends to be it,
// for its own activation (nil) or another; or none.
func (w *walk) drawAgain(to *activation) (again telling, ok bool) {
	if len(w.told) == 0 {
		return again, false
	}
	again = w.told[w.draw(len(w.told))]
	w.pretend(&again.event)
	if to != nil {
		again.event.StepsID = to.id
	}
	return again, !w.leftOpen(again) && !w.asksInVain(w.world.find(again.event.StepsID), again.event.Kind)
}

// pretend alters an event that was told before, sometimes so that it is another
// one under the same id.
func (w *walk) pretend(ev *steps.Event) {
	switch w.draw(8) {
	case 0:
		ev.Reason += "!"
	case 1:
		ev.Time = w.now
	case 2:
		ev.Steps = named(w.world.find(ev.StepsID).plan, ev.Steps)
	case 3:
		if len(ev.Steps) > 1 {
			ev.Steps = ev.Steps[:1]
		}
	case 4:
		epoch := uint32(w.draw(3))
		ev.Epoch = &epoch
	case 5:
		ev.StepsID = w.drawActivation().id
	}
}

// leftOpen reports whether the rules leave open what an event comes to that is
// told again: a revocation is an event of every activation that it reaches, so
// that its id is no other's; and it cannot tell whether what was proven in its
// own millisecond, or by a clock that went back, was proven behind it.
func (w *walk) leftOpen(again telling) bool {
	if again.event.Kind != steps.Revoked {
		return false
	}
	a := w.world.find(again.event.StepsID)
	old, known := a.first[again.event.Key]
	if !known || index(a.plan, old.canonical[0]) < 0 {
		return true
	}
	name := old.canonical[0]
	for _, other := range w.world.activations {
		if other == a || old.verdict.Outcome == steps.Refused || !w.world.shares(other, a, name) {
			continue
		}
		if p, done := other.done[name]; done && !p.at.After(old.at) {
			return true
		}
	}
	return false
}

// asksInVain reports whether a checker that fails now may be asked of an event
// that is judged without it: the engine asks what it may need, and fails with
// it, before it knows what is locked, proven elsewhere or absorbed.
func (w *walk) asksInVain(a *activation, kind steps.Kind) bool {
	fails := slices.ContainsFunc(w.world.checked(a, a.allSteps()), func(name string) bool {
		return w.world.answers[w.world.subjectOf(a, name)].failed != nil && a.step(name).Confirm
	})
	switch shown := w.world.at(a, w.now); {
	case !fails:
		return false
	case len(shown.held) > 0:
		return true
	case kind != steps.Completed:
		return false
	default:
		_, locked := w.world.locked(shown, shown.allSteps(), w.now)
		return locked || slices.ContainsFunc(shown.todo(shown.allSteps()), func(name string) bool {
			_, elsewhere := w.world.found(shown, name, w.now)
			return elsewhere
		})
	}
}

package engine_test

import "github.com/stepgate/stepgate/steps"

// What stands here is where the rules leave room, or the engine's clock does not
// tell before from behind: a walk keeps off it.

// disputedAgain: a revocation is an event of every activation that it reaches,
// so its id is not told to others too; and told again it takes away what was
// proven in its own millisecond, or behind it by a clock that went back.
func (w *walk) disputedAgain(again telling) bool {
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

// disputedReset: a device's reset is no retry where a checker says "proven,
// until a time that is over".
func (w *walk) disputedReset() bool {
	for _, said := range w.world.answers {
		if said.proven && !lasts(said.until, w.now) {
			return true
		}
	}
	return false
}

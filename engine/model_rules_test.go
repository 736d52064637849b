package engine_test

import (
	"slices"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// isOver refuses what an activation that is over takes no more.
func (r *ruling) isOver() bool {
	switch r.a.over {
	case steps.StateCancelled:
		r.refused = steps.IsCancelled
	case steps.StateExpired:
		r.refused = steps.IsExpired
	}
	return r.refused != ""
}

func (r *ruling) hasUnknownStep() bool {
	for _, name := range r.names {
		if index(r.a.plan, name) < 0 {
			r.refused = steps.UnknownStep
		}
	}
	return r.refused != ""
}

// isRun reports whether these steps are consecutive.
func isRun(p *steps.Plan, names []string) bool {
	for i := range names {
		if index(p, names[i]) != index(p, names[0])+i {
			return false
		}
	}
	return true
}

// isTurn reports whether the first of these steps that is not done is the
// state.
func (a *activation) isTurn(names []string) bool {
	todo := a.todo(names)
	return len(todo) > 0 && steps.State(todo[0]) == a.state()
}

func (r *ruling) completed() {
	a, w := r.a, r.w
	switch {
	case r.isOver(), r.hasUnknownStep():
		return
	case !isRun(a.plan, r.names):
		r.refused = steps.OutOfOrder
		return
	case len(a.todo(r.names)) == 0:
		r.refused = steps.DoneAlready
		return
	}
	if !a.isTurn(r.names) {
		w.takeOver(a, r.now)
		if r.failed = w.follow(a, r.now); r.failed != nil {
			return
		}
		if len(a.todo(r.names)) == 0 {
			r.refused = steps.DoneAlready
			return
		}
	}
	if !a.isTurn(r.names) && w.fault != "takes steps out of order" {
		switch hold := a.plan.Hold; {
		case hold.Limit == 0:
			r.refused = steps.OutOfOrder
			return
		case len(a.held) >= hold.Limit && w.fault != "holds without limit":
			r.refused = steps.HoldFull
			return
		}
		r.held, r.until = true, end(r.now, a.plan.Hold.TTL)
	}
	todo := a.todo(r.names)
	if until, locked := w.locked(a, todo, r.now); locked {
		r.refused, r.until, r.held = steps.Locked, until, false
		return
	}
	confirmed, says, failed := w.confirm(a, todo, r.now)
	if !says {
		r.refused = steps.NotConfirmed
	}
	if r.failed = failed; !says || failed != nil {
		r.held, r.until = false, time.Time{}
		return
	}
	r.change = func() {
		if r.held {
			a.held = append(a.held, waiting{r.names, r.until, r.ev.Key})
			return
		}
		for _, name := range todo {
			w.prove(a, name, r.ev.Key, confirmed, r.now)
			if w.fault == "completes half of a combination" {
				return
			}
		}
	}
}

func (r *ruling) attemptFailed() {
	if r.hasUnknownStep() {
		return
	}
	r.change = func() {
		for _, name := range r.names {
			r.w.fail(r.a, name, r.now)
		}
	}
}

func (r *ruling) reset() {
	names := r.names
	if len(names) == 0 {
		names = r.a.allSteps()
	} else if r.isOver() || r.hasUnknownStep() {
		return
	}
	proven, failed := r.w.ask(r.a, r.w.checked(r.a, names), r.now)
	if r.failed = failed; failed != nil {
		return
	}
	whole := len(r.names) == 0
	held := r.a.held
	r.change = func() { r.w.begin(r.a, names, proven, whole, r.now) }
	r.then = func() {
		r.w.drop(r.a, held, r.now)
		r.w.checkedProven(r.a, names, proven, r.now)
	}
}

// checked is which of these steps have a checker.
func (w *world) checked(a *activation, names []string) []string {
	var with []string
	for _, name := range names {
		if a.step(name).Checker != "" {
			with = append(with, name)
		}
	}
	return with
}

// begin begins a new epoch, in which these steps are to do. Evidence is
// withdrawn but for what a checker says is proven.
func (w *world) begin(a *activation, names []string, proven map[string]time.Time, whole bool, now time.Time) {
	for _, name := range names {
		if w.fault != "a reset keeps what is done" {
			delete(a.done, name)
		}
		delete(a.revoked, name)
		if _, is := proven[name]; !is && w.fault != "evidence survives a reset" {
			delete(w.evidence, w.provenFor(a, name))
		}
		if w.fault == "a reset gives a lockout back" {
			delete(w.failures, w.subjectOf(a, name))
		}
	}
	if w.fault != "a reset keeps the epoch" {
		a.epoch++
	}
	a.begun = now
	if whole {
		a.over = ""
		a.deadline = end(now, a.plan.Deadline)
	}
}

// drop tells of held completions that are not waited for any more.
func (w *world) drop(a *activation, held []waiting, now time.Time) {
	for range held {
		a.enter(now, func() { a.held = a.held[1:] })
	}
}

// checkedProven makes done what checkers say is proven.
func (w *world) checkedProven(a *activation, names []string, proven map[string]time.Time, now time.Time) {
	for _, name := range names {
		if until, is := proven[name]; is {
			a.enter(now, func() { w.complete(a, name, steps.EventKey{}, until, now) })
		}
	}
}

func (r *ruling) cancelled() {
	if r.isOver() {
		return
	}
	held := r.a.held
	r.change = func() { r.a.over = steps.StateCancelled }
	r.then = func() { r.w.drop(r.a, held, r.now) }
}

func (r *ruling) overridden() {
	if r.w.fault != "an override ignores that it is cancelled" && r.isOver() || r.hasUnknownStep() {
		return
	}
	name := r.names[0]
	if len(r.a.todo(r.names)) == 0 {
		r.refused = steps.DoneAlready
		return
	}
	r.change = func() {
		r.w.complete(r.a, name, r.ev.Key, time.Time{}, r.now)
		if r.w.fault == "an override is evidence elsewhere" {
			r.w.prove(r.a, name, r.ev.Key, time.Time{}, r.now)
		}
	}
}

func (r *ruling) revoked() {
	if r.hasUnknownStep() {
		return
	}
	name := r.names[0]
	known, is := r.w.evidence[r.w.provenFor(r.a, name)]
	if len(r.a.todo(r.names)) > 0 && !(is && lasts(known.until, r.now)) {
		r.refused = steps.NotProven
		return
	}
	r.change = func() { r.w.revoke(r.a, name) }
}

func (w *world) revoke(a *activation, name string) {
	delete(a.done, name)
	a.revoked[name] = true
	if w.fault != "a revocation leaves the evidence" {
		delete(w.evidence, w.provenFor(a, name))
	}
}

// spread takes a revoked proof from every other activation of its subject.
func (w *world) spread(from *activation, name string, now time.Time) {
	for _, a := range w.activations {
		if a == from || !w.shares(a, from, name) || w.fault == "a revocation does not spread" {
			continue
		}
		if _, done := a.done[name]; !done {
			continue
		}
		w.fallDue(a, now)
		a.enter(now, func() {
			if _, still := a.done[name]; still {
				w.revoke(a, name)
			}
		})
		w.follow(a, now)
	}
}

// shares reports whether two activations have the same subject for a step of the
// second.
func (w *world) shares(a, b *activation, name string) bool {
	i := index(a.plan, name)
	return i >= 0 && a.plan.Steps[i].Name == name && w.subjectOf(a, name) == w.subjectOf(b, name)
}

func (r *ruling) unlocked() {
	if r.hasUnknownStep() {
		return
	}
	names := r.names
	if len(names) == 0 {
		names = r.a.allSteps()
	}
	r.change = func() {
		for _, name := range names {
			if r.w.fault != "an unlock leaves the lockout" {
				delete(r.w.failures, r.w.subjectOf(r.a, name))
			}
		}
	}
}

func (r *ruling) moved() {
	a := r.a
	to := r.w.version(a.plan.Service, r.ev.Plan)
	if to.Version == a.plan.Version {
		r.refused = steps.DoneAlready
		return
	}
	r.change = func() { r.w.move(a, to, r.now) }
	r.then = func() {
		for _, h := range slices.Clone(a.held) {
			if slices.ContainsFunc(h.steps, func(name string) bool { return index(to, name) < 0 }) || !isRun(to, h.steps) {
				a.enter(r.now, func() {
					a.held = slices.DeleteFunc(a.held, func(other waiting) bool { return other.key == h.key })
				})
			}
		}
		if a.over == "" {
			r.w.takeOver(a, r.now)
		}
	}
}

// move makes an activation follow another version of its plan.
func (w *world) move(a *activation, to *steps.Plan, now time.Time) {
	done, revoked := make(map[string]proof), make(map[string]bool)
	for name, p := range a.done {
		if i := index(to, name); i >= 0 && lasts(p.until, now) && w.fault != "a move forgets proofs" {
			done[to.Steps[i].Name] = p
		}
	}
	for name := range a.revoked {
		if i := index(to, name); i >= 0 {
			revoked[to.Steps[i].Name] = true
		}
	}
	for i := range a.held {
		a.held[i].steps = named(to, a.held[i].steps)
	}
	a.plan, a.done, a.revoked = to, done, revoked
	if a.over != steps.StateCancelled {
		a.over = ""
	}
	a.deadline = end(now, to.Deadline)
}

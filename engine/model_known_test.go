package engine_test

import (
	"fmt"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// subject is whom a step is proven for, as a text.
type subject string

// subjectOf is for whom a step is proven in an activation.
func (w *world) subjectOf(a *activation, name string) subject {
	user := a.association.User
	switch step := a.step(name); step.Scope {
	case steps.ScopeUser:
		return subject(fmt.Sprintf("%s of user %s", step.Name, user))
	case steps.ScopeUserDevice:
		return subject(fmt.Sprintf("%s of user %s on %s", step.Name, user, a.device))
	case steps.ScopeUserVehicle:
		return subject(fmt.Sprintf("%s of user %s with %s", step.Name, user, a.association.VIN))
	default:
		return subject(fmt.Sprintf("%s of activation %d", step.Name, a.id))
	}
}

// provenFor is under whose name evidence is kept: the subject's.
func (w *world) provenFor(a *activation, name string) subject {
	switch scope := a.step(name).Scope; {
	case w.fault == "evidence of another user counts" && scope != steps.ScopeActivation:
		return subject(name)
	case w.fault == "evidence of another device counts" && scope == steps.ScopeUserDevice:
		return subject(fmt.Sprintf("%s of user %s", name, a.association.User))
	}
	return w.subjectOf(a, name)
}

// asked is the same of what the engine hands to a checker.
func asked(s steps.Subject) subject {
	switch {
	case s.StepsID != 0:
		return subject(fmt.Sprintf("%s of activation %d", s.Step, s.StepsID))
	case s.Device != "":
		return subject(fmt.Sprintf("%s of user %s on %s", s.Step, s.User, s.Device))
	case s.VIN != "":
		return subject(fmt.Sprintf("%s of user %s with %s", s.Step, s.User, s.VIN))
	}
	return subject(fmt.Sprintf("%s of user %s", s.Step, s.User))
}

// evidence is that a step is proven for a subject.
type evidence struct {
	until  time.Time
	origin steps.Origin
}

// prove makes a step done, and the evidence of its subject where others can have
// that subject too.
func (w *world) prove(a *activation, name string, key steps.EventKey, until, now time.Time) {
	w.complete(a, name, key, until, now)
	if a.step(name).Scope != steps.ScopeActivation {
		w.evidence[w.provenFor(a, name)] = evidence{a.done[name].until, a.done[name].origin}
	}
}

// complete makes a step done here alone.
func (w *world) complete(a *activation, name string, key steps.EventKey, until, now time.Time) {
	until = earlier(until, end(now, a.step(name).TTL))
	a.done[name] = proof{now, until, steps.Origin{StepsID: a.id, Event: key, At: now}}
	delete(a.revoked, name)
}

func (a *activation) step(name string) *steps.Step { return &a.plan.Steps[index(a.plan, name)] }

// found is what is proven elsewhere of a step and counts here.
func (w *world) found(a *activation, name string, now time.Time) (proof, bool) {
	known, ok := w.evidence[w.provenFor(a, name)]
	if !ok {
		return proof{}, false
	}
	until := earlier(known.until, end(known.origin.At, a.step(name).TTL))
	if !lasts(until, now) && w.fault != "expired evidence still counts" {
		return proof{}, false
	}
	return proof{known.origin.At, until, known.origin}, true
}

// takeOver makes done what is proven elsewhere, wherever it stands.
func (w *world) takeOver(a *activation, now time.Time) {
	for _, name := range a.todo(a.allSteps()) {
		if p, ok := w.found(a, name, now); ok {
			a.enter(now, func() {
				a.done[name] = p
				delete(a.revoked, name)
			})
		}
	}
}

// tally is the failed attempts of a subject.
type tally struct {
	times []time.Time // since it last began anew
	opens time.Time
	total int
	spent bool
}

// fail counts a failed attempt.
func (w *world) fail(a *activation, name string, now time.Time) {
	budget := a.step(name).Budget
	if budget.Tries == 0 && budget.Lifetime == 0 {
		return
	}
	t := w.failures[w.subjectOf(a, name)]
	t.total++
	if budget.Lifetime > 0 && t.total >= budget.Lifetime {
		t.spent = true
	}
	if budget.Tries > 0 && !now.Before(t.opens) {
		var within []time.Time
		for _, at := range append(t.times[:len(t.times):len(t.times)], now) {
			if now.Sub(at) < budget.Window || w.fault == "failures outside the window count" {
				within = append(within, at)
			}
		}
		if t.times = within; len(within) >= budget.Tries {
			t.times, t.opens = nil, now.Add(budget.Lockout)
		}
	}
	w.failures[w.subjectOf(a, name)] = t
}

// locked reports whether the budget of any of these steps is spent, and until
// when that of the first one is; zero where an operator alone can open it.
func (w *world) locked(a *activation, names []string, now time.Time) (until time.Time, is bool) {
	for _, name := range names {
		if budget := a.step(name).Budget; budget.Tries == 0 && budget.Lifetime == 0 {
			continue
		}
		switch t := w.failures[w.subjectOf(a, name)]; {
		case t.spent:
			return time.Time{}, true
		case now.Before(t.opens):
			return t.opens, true
		}
	}
	return time.Time{}, false
}

// answer is what a checker says.
type answer struct {
	proven bool
	until  time.Time
	failed error
}

// fitness is why a vehicle is not eligible, or why nobody can tell.
type fitness struct {
	why    string
	failed error
}

// failing is that checkers failed: an error of the engine, with the steps.
type failing struct {
	cause error
	steps []string
}

// ask asks the checkers of steps, until one fails. All that are proven have an
// end in the map.
func (w *world) ask(a *activation, names []string, now time.Time) (map[string]time.Time, *failing) {
	proven := make(map[string]time.Time)
	for _, name := range names {
		said := w.answers[w.subjectOf(a, name)]
		if said.failed != nil {
			return nil, &failing{said.failed, []string{name}}
		}
		if said.proven && lasts(said.until, now) {
			proven[name] = said.until
		}
	}
	return proven, nil
}

// confirm asks the checkers that must confirm these steps, one after the other,
// until one says no, and returns until when all of them say yes.
func (w *world) confirm(a *activation, names []string, now time.Time) (until time.Time, says bool, failed *failing) {
	for _, name := range names {
		if !a.step(name).Confirm || w.fault == "believes without the checker" {
			continue
		}
		said, failed := w.ask(a, []string{name}, now)
		if failed != nil {
			return until, true, failed
		}
		end, is := said[name]
		if !is {
			return until, false, nil
		}
		until = earlier(until, end)
	}
	return until, true, nil
}

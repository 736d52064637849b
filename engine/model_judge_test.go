package engine_test

import (
	"slices"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// tell predicts what becomes of an event: a verdict, or why it is not judged.
func (w *world) tell(caller steps.Caller, ev steps.Event, now time.Time) (steps.Verdict, *turnedAway) {
	v := steps.Verdict{Source: ev.Key.Source, ID: ev.Key.ID, StepsID: ev.StepsID, Outcome: steps.Refused}
	a := w.find(ev.StepsID)
	isDevice := !caller.May(steps.Report)
	if a == nil || isDevice && (a.association.User != caller.User || a.device != caller.Device) {
		v.Reason = steps.UnknownActivation
		return v, nil
	}
	if ev.Kind == steps.Moved && w.version(a.plan.Service, ev.Plan) == nil {
		v.Reason = steps.UnknownPlan
		return v, nil
	}
	if isDevice && !a.confirmed(ev.Steps) && w.fault != "a device is believed without a checker" {
		return steps.Verdict{}, &turnedAway{code: steps.CodeForbidden}
	}
	names := named(a.plan, ev.Steps)
	if old, known := a.first[ev.Key]; known && w.fault != "forgets verdicts" {
		if w.same(a, old, ev) {
			v = old.verdict
			v.Duplicate = true
			return v, nil
		}
		v.Reason = steps.Conflict
		return v, nil
	}
	planThen := a.plan
	failed := w.attempt(a, func() *failing {
		w.fallDue(a, now)
		return w.judge(a, ev, names, now, &v)
	})
	if failed != nil {
		return steps.Verdict{}, &turnedAway{failing: failed}
	}
	if ev.Kind == steps.Revoked && v.Outcome == steps.Applied {
		w.spread(a, names[0], now)
	}
	if v.Outcome != steps.Refused || w.fault != "forgets refusals" {
		a.first[ev.Key] = judged{ev, names, planThen, v, now}
	}
	return v, nil
}

// confirmed reports whether a checker must confirm each of these steps.
func (a *activation) confirmed(names []string) bool {
	for _, name := range names {
		if i := index(a.plan, name); i < 0 || !a.plan.Steps[i].Confirm {
			return false
		}
	}
	return true
}

// same reports whether an event is the one that was judged.
func (w *world) same(a *activation, old judged, ev steps.Event) bool {
	if w.fault == "takes another payload for the same" {
		return true
	}
	claim := func(e steps.Event) int64 {
		if e.Epoch == nil {
			return -1
		}
		return int64(*e.Epoch)
	}
	sameSteps := slices.Equal(named(old.plan, ev.Steps), old.canonical) || slices.Equal(named(a.plan, ev.Steps), old.canonical)
	return sameSteps && old.event.Kind == ev.Kind && claim(old.event) == claim(ev) &&
		old.event.Actor == ev.Actor && old.event.Reason == ev.Reason && old.event.Plan == ev.Plan
}

// judge predicts the verdict on an event that was not judged before, and does
// what it says.
func (w *world) judge(a *activation, ev steps.Event, names []string, now time.Time, v *steps.Verdict) *failing {
	rule := ruling{w: w, a: a, ev: &ev, names: names, now: now}
	if v.Reason = w.untimely(a, &ev); v.Reason == "" {
		rules[ev.Kind](&rule)
	}
	if rule.failed != nil {
		return rule.failed
	}
	if v.Reason == "" {
		v.Reason = rule.refused
	}
	v.Until = rule.until
	v.Outcome = steps.Refused
	if v.Reason == "" {
		v.Outcome = steps.Applied
	}
	if rule.held {
		v.Outcome = steps.Held
	}
	change := func() {}
	if v.Reason == "" && rule.change != nil {
		change = rule.change
	}
	a.enter(now, change)
	v.State, v.Epoch, v.Revision = a.state(), a.epoch, a.entries
	if v.Reason == "" && rule.then != nil {
		rule.then()
	}
	return w.follow(a, now)
}

// untimely says whether an event was told in another epoch than the present.
func (w *world) untimely(a *activation, ev *steps.Event) steps.Refusal {
	exempt := ev.Kind == steps.Failed && w.fault != "a failure of an older epoch does not count"
	switch {
	case w.fault == "skips the epoch check":
	case ev.Epoch != nil && *ev.Epoch > a.epoch:
		return steps.EpochAhead
	case exempt:
	case ev.Epoch != nil && *ev.Epoch < a.epoch:
		return steps.Stale
	case ev.Epoch == nil && !ev.Time.IsZero() && a.epoch > 0 && ev.Time.Before(a.begun) && w.fault != "skips the time check":
		return steps.Stale
	}
	return ""
}

// ruling is what an event's own rule says.
type ruling struct {
	w     *world
	a     *activation
	ev    *steps.Event
	names []string
	now   time.Time

	refused steps.Refusal
	until   time.Time
	held    bool
	failed  *failing
	change  func() // what the event changes
	then    func() // what is recorded behind it
}

// rules is the table of what each event needs and does.
var rules = map[steps.Kind]func(*ruling){
	steps.Completed:  (*ruling).completed,
	steps.Failed:     (*ruling).attemptFailed,
	steps.Reset:      (*ruling).reset,
	steps.Cancelled:  (*ruling).cancelled,
	steps.Overridden: (*ruling).overridden,
	steps.Revoked:    (*ruling).revoked,
	steps.Unlocked:   (*ruling).unlocked,
	steps.Moved:      (*ruling).moved,
}

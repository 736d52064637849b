package engine

import (
	"slices"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// ruling is what the rules say of an event. The zero value: it is applied.
type ruling struct {
	refusal steps.Refusal
	held    bool
	until   time.Time // Held, Locked: as in the verdict; otherwise how long the proof counts
}

func (r *ruling) outcome() steps.Outcome {
	switch {
	case r.refusal != "":
		return steps.Refused
	case r.held:
		return steps.Held
	}
	return steps.Applied
}

func refuse(why steps.Refusal) ruling { return ruling{refusal: why} }

// rule says what becomes of an event. It may record what is proven elsewhere,
// and changes nothing else.
func (d *draft) rule(ev *steps.Event, names []string) ruling {
	switch {
	case ev.Epoch != nil && *ev.Epoch > d.a.Epoch:
		return refuse(steps.EpochAhead)
	case ev.Kind == steps.Failed:
		return d.known(names) // of whatever epoch and state: no reset gives a try back
	case ev.Epoch != nil && *ev.Epoch < d.a.Epoch, ev.Epoch == nil && toldBefore(ev, d.a):
		return refuse(steps.Stale)
	}
	switch ev.Kind {
	case steps.Completed:
		return d.ruleCompleted(names)
	case steps.Reset:
		return d.ruleReset(names)
	case steps.Cancelled:
		if d.over() {
			return d.refuseOver()
		}
	case steps.Overridden:
		return d.ruleOverridden(names)
	case steps.Revoked:
		return d.ruleRevoked(names)
	case steps.Unlocked:
		return d.known(names)
	case steps.Moved:
		if ev.Plan == d.a.Plan {
			return refuse(steps.DoneAlready)
		}
	}
	return ruling{}
}

// toldBefore reports whether an event that knows no epoch happened before the
// present one began: a late SMS must not complete the next attempt.
func toldBefore(ev *steps.Event, a *steps.Activation) bool {
	return a.Epoch > 0 && !ev.Time.IsZero() && ev.Time.Before(a.EpochAt)
}

// refuseOver refuses what a cancelled or expired activation does not take.
func (d *draft) refuseOver() ruling {
	if d.a.State == steps.StateExpired {
		return refuse(steps.IsExpired)
	}
	return refuse(steps.IsCancelled)
}

// ruleCompleted takes consecutive steps whose turn it is. Those done already
// are passed over as long as one is new; all of them are completed, or none.
func (d *draft) ruleCompleted(names []string) ruling {
	if d.over() {
		return d.refuseOver()
	}
	if why := d.m.runFault(names); why != "" {
		return refuse(why)
	}
	first := d.m.firstTodo(d.a, names)
	if first == none {
		return refuse(steps.DoneAlready)
	}
	early := d.a.State != d.m.states[first]
	if early {
		if d.inherit(); d.needs.any() {
			return ruling{}
		}
		if first = d.m.firstTodo(d.a, names); first == none {
			return refuse(steps.DoneAlready)
		}
		early = d.a.State != d.m.states[first]
	}
	switch hold := d.m.plan.Hold; {
	case early && hold.Limit == 0:
		return refuse(steps.OutOfOrder)
	case early && len(d.a.Held) >= hold.Limit:
		return refuse(steps.HoldFull)
	}
	if t := d.locked(names); t != nil {
		return ruling{refusal: steps.Locked, until: opens(t)}
	}
	if d.needs.any() {
		return ruling{} // no checker is asked of what may be locked
	}
	until, confirmed := d.confirm(names)
	switch {
	case !confirmed:
		return refuse(steps.NotConfirmed)
	case early:
		return ruling{held: true, until: after(d.now, d.m.plan.Hold.TTL)}
	}
	return ruling{until: until}
}

// opens returns when a budget that is spent is given back, or zero where only
// an operator can.
func opens(t *steps.Tally) time.Time {
	if t.Spent {
		return time.Time{}
	}
	return t.Opens
}

// confirm asks the checkers of steps that are not believed without.
func (d *draft) confirm(names []string) (until time.Time, confirmed bool) {
	for _, i := range d.m.indexes(names) {
		if d.a.Proofs[i].Done() || !d.m.plan.Steps[i].Confirm {
			continue
		}
		end, proven := d.check(i)
		if !proven {
			return until, false
		}
		until = earlier(until, end)
	}
	return until, true
}

// confirms reports whether a checker confirms the completion of every step.
func (m *machine) confirms(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		i := m.plan.Index(name)
		return i < 0 || !m.plan.Steps[i].Confirm
	})
}

// runFault returns why names cannot be completed together, or "".
func (m *machine) runFault(names []string) steps.Refusal {
	if m.unknown(names) {
		return steps.UnknownStep
	}
	if !m.isRun(m.plan.Index(names[0]), names) {
		return steps.OutOfOrder
	}
	return ""
}

// unknown reports whether the plan lacks one of the steps.
func (m *machine) unknown(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return m.plan.Index(name) < 0 })
}

// known refuses names that the plan does not have.
func (d *draft) known(names []string) ruling {
	if d.m.unknown(names) {
		return refuse(steps.UnknownStep)
	}
	return ruling{}
}

// ruleReset takes every reset of all steps, and of one where it leads anywhere.
func (d *draft) ruleReset(names []string) ruling {
	if len(names) > 0 && d.over() {
		return d.refuseOver()
	}
	return d.known(names)
}

func (d *draft) ruleOverridden(names []string) ruling {
	switch r := d.known(names); {
	case d.over():
		return d.refuseOver()
	case r.refusal == "" && d.m.firstTodo(d.a, names) == none:
		return refuse(steps.DoneAlready)
	default:
		return r
	}
}

// ruleRevoked takes proof away wherever there is some, here or for the subject.
func (d *draft) ruleRevoked(names []string) ruling {
	r := d.known(names)
	if r.refusal != "" {
		return r
	}
	i := d.m.plan.Index(names[0])
	if d.a.Proofs[i].Done() || !d.facts.carried && d.evidence(i).Counts(d.now) {
		return ruling{}
	}
	return refuse(steps.NotProven)
}

// follow records what follows from an event that was applied.
func (d *draft) follow(ev *steps.Event, names []string) {
	switch ev.Kind {
	case steps.Failed:
		for _, i := range d.m.indexes(names) {
			if b := d.m.plan.Steps[i].Budget; b.Counts() {
				t := d.tally(i)
				now := t
				fail(&now, b, d.now)
				d.count(t, now)
			}
		}
	case steps.Reset:
		d.derive(names)
		d.dropAll(steps.Stale)
	case steps.Cancelled:
		d.dropAll(steps.IsCancelled)
	case steps.Revoked:
		if !d.facts.carried { // the activation that it came from has withdrawn the evidence
			d.unprove(d.m.plan.Index(names[0]))
		}
	case steps.Unlocked:
		for _, i := range d.m.indexes(names) {
			if t := d.tally(i); t.Revision > 0 {
				d.count(t, steps.Tally{Subject: t.Subject, Revision: t.Revision})
			}
		}
	case steps.Moved:
		for _, h := range d.a.Held {
			if d.m.runFault(h.Steps) != "" {
				d.drop(&h, steps.UnknownStep)
			}
		}
		d.inherit()
	}
	d.absorb()
}

// derive finds out afresh whether steps are proven: from the checker where
// there is one; otherwise the step is to do, and its evidence is withdrawn.
func (d *draft) derive(names []string) {
	for _, i := range d.m.indexes(names) {
		if d.m.plan.Steps[i].Checker != "" {
			if until, proven := d.check(i); proven {
				d.record(steps.Entry{Kind: steps.Checked, Until: until, Payload: steps.Payload{Steps: d.m.names[i : i+1 : i+1]}})
				continue
			}
		}
		d.unprove(i)
	}
}

// create returns the draft of a new activation, of which only the identity is
// set.
func (m *machine) create(a *steps.Activation, by *steps.Caller, known *facts, now time.Time) draft {
	d := draft{m: m, a: a, past: &past{}, by: by, now: now, facts: known}
	d.record(steps.Entry{Kind: steps.Created, Plan: m.plan.Version})
	for i := range m.plan.Steps {
		if m.plan.Steps[i].Checker != "" {
			d.derive(m.names[i : i+1])
		}
	}
	d.inherit()
	return d
}

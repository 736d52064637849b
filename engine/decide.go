package engine

import (
	"slices"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// MaxEntries is how long the history of an activation may grow by what the
// outside sends. When it is full, whatever is not an operator's is refused as
// exhausted, unrecorded: the same answer however often it comes.
const MaxEntries = 10_000

// decision is what an event comes to. Where entry is nil nothing is recorded,
// and the activation stays as it is.
type decision struct {
	verdict steps.Verdict
	entry   *steps.Entry
	after   *steps.Activation
}

// decide judges an event: here, and nowhere else, is what events mean
// (contract, section 3). It is pure: the same arguments, the same decision.
func (m *machine) decide(a *steps.Activation, past *past, ev *steps.Event, by *steps.Caller, now time.Time) decision {
	names := m.canonical(ev.Steps)
	if first := past.find(ev.Key); first != nil {
		verdict := first.Verdict(a.StepsID)
		verdict.Duplicate = true
		if !first.Tells(ev, names) {
			verdict = refusal(ev, steps.Conflict)
		}
		return decision{verdict: verdict}
	}
	if ev.Kind == steps.Reset && past.endsInReset(a) && ev.Key == (steps.EventKey{}) {
		return decision{verdict: steps.Verdict{StepsID: a.StepsID, Outcome: steps.Applied}}
	}
	if a.Revision >= MaxEntries && !by.May(steps.Operate) {
		return decision{verdict: refusal(ev, steps.Exhausted)}
	}

	entry := &steps.Entry{
		Revision: a.Revision + 1,
		At:       now,
		Kind:     ev.Kind,
		Event:    ev.Key,
		Steps:    names,
		Actor:    ev.Actor,
		Caller:   by.User,
		Channel:  by.Channel,
		Comment:  ev.Reason,
		Before:   a.State,
	}
	if ev.Epoch != nil {
		entry.Claimed = new(*ev.Epoch)
	}
	if !ev.Time.IsZero() {
		entry.Told = store.Millis(ev.Time)
	}
	after := new(steps.Activation)
	*after = *a
	entry.Outcome = steps.Applied
	if entry.Reason = m.apply(after, ev, names, now, entry.Revision); entry.Reason != "" {
		entry.Outcome = steps.Refused
		*after = *a
	}
	if after.State != a.State {
		after.Since = now
	}
	entry.After = after.State
	entry.Epoch = after.Epoch
	entry.Hash = entry.Chain(a.Hash, a.StepsID)
	after.Revision = entry.Revision
	after.Hash = entry.Hash
	return decision{verdict: entry.Verdict(a.StepsID), entry: entry, after: after}
}

// refusal is a verdict that needs no memory, since the same event meets the same
// one again. It says nothing of the activation, which nobody looked at for it.
func refusal(ev *steps.Event, reason steps.Refusal) steps.Verdict {
	return steps.Verdict{
		Source: ev.Key.Source, ID: ev.Key.ID, StepsID: ev.StepsID,
		Outcome: steps.Refused, Reason: reason,
	}
}

// canonical returns steps under the plan's own names. A name that the plan does
// not know stays as it is.
func (m *machine) canonical(names []string) []string {
	if len(names) == 0 {
		return nil
	}
	if first := m.plan.Index(names[0]); first >= 0 && m.isRun(first, names) {
		return m.names[first : first+len(names) : first+len(names)]
	}
	own := slices.Clone(names)
	for i, name := range names {
		if step := m.plan.Index(name); step >= 0 {
			own[i] = m.names[step]
		}
	}
	return own
}

// isRun reports whether names are consecutive steps from first on.
func (m *machine) isRun(first int, names []string) bool {
	for i, name := range names {
		if m.plan.Index(name) != first+i {
			return false
		}
	}
	return true
}

// apply changes a as the event says, or returns why not; a is then half
// changed, and the caller throws it away.
func (m *machine) apply(a *steps.Activation, ev *steps.Event, names []string, now time.Time, revision uint32) steps.Refusal {
	switch {
	case ev.Epoch != nil && *ev.Epoch < a.Epoch, ev.Epoch == nil && toldBefore(ev, a):
		return steps.Stale
	case ev.Epoch != nil && *ev.Epoch > a.Epoch:
		return steps.EpochAhead
	}
	switch ev.Kind {
	case steps.Reset:
		a.State = m.move(a.State, m.reset())
		a.Epoch++
		a.EpochAt = now
		a.Proofs = make([]steps.Proof, len(m.plan.Steps))
		return ""
	case steps.Cancelled:
		return m.advance(a, m.cancel())
	case steps.Failed:
		return m.recordFailure(a, names)
	default:
		return m.complete(a, names, now, revision)
	}
}

// toldBefore reports whether an event that knows no epoch happened before the
// present one began: a late SMS must not complete the next attempt.
func toldBefore(ev *steps.Event, a *steps.Activation) bool {
	return a.Epoch > 0 && !ev.Time.IsZero() && ev.Time.Before(a.EpochAt)
}

// complete plays each of an event's steps through the table. The steps are
// consecutive; those done already are passed over as long as one is new, and
// one out of its turn refuses them all.
func (m *machine) complete(a *steps.Activation, names []string, now time.Time, revision uint32) steps.Refusal {
	if a.State == steps.StateCancelled {
		return steps.IsCancelled
	}
	a.Proofs = slices.Clone(a.Proofs)
	refusal, before := steps.DoneAlready, -1
	for _, name := range names {
		step := m.plan.Index(name)
		switch {
		case step < 0:
			return steps.UnknownStep
		case before >= 0 && step != before+1:
			return steps.OutOfOrder
		}
		before = step
		if a.Proofs[step].Done() {
			continue
		}
		if why := m.advance(a, step); why != "" {
			return why
		}
		a.Proofs[step] = steps.Proof{At: now, Revision: revision}
		refusal = ""
	}
	return refusal
}

// recordFailure changes nothing but the history.
func (m *machine) recordFailure(a *steps.Activation, names []string) steps.Refusal {
	if a.State == steps.StateCancelled {
		return steps.IsCancelled
	}
	for _, name := range names {
		if m.plan.Index(name) < 0 {
			return steps.UnknownStep
		}
	}
	return ""
}

// advance moves a along the table's row for an event, or says why there is none.
func (m *machine) advance(a *steps.Activation, event int) steps.Refusal {
	to := m.move(a.State, event)
	switch {
	case to != "":
		a.State = to
		return ""
	case a.State == steps.StateCancelled:
		return steps.IsCancelled
	}
	return steps.OutOfOrder
}

// move returns where an event leads from a state, or "".
func (m *machine) move(from steps.State, event int) steps.State {
	if to := m.next[event][m.index[from]]; to != none {
		return m.states[to]
	}
	return ""
}

// create returns a new activation and the entry that says so.
func (m *machine) create(id steps.ID, binding steps.Binding, vin string, by *steps.Caller, now time.Time) (steps.Activation, steps.Entry) {
	a := steps.Activation{
		StepsID: id,
		Binding: binding,
		Service: m.plan.Service,
		VIN:     vin,
		Plan:    m.plan.Version,
		Created: now,
		State:   m.states[0],
		Since:   now,
		EpochAt: now,
		Proofs:  make([]steps.Proof, len(m.plan.Steps)),
	}
	entry := steps.Entry{
		Revision: 1,
		At:       now,
		Kind:     steps.Created,
		Caller:   by.User,
		Channel:  by.Channel,
		Outcome:  steps.Applied,
		After:    a.State,
	}
	entry.Hash = entry.Chain(steps.Hash{}, id)
	a.Revision = entry.Revision
	a.Hash = entry.Hash
	return a, entry
}

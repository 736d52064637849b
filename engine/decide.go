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

// decision is what an event comes to. Where it needs facts it is none yet.
// Where it has no entries nothing is recorded, and the activation stays as it
// is.
type decision struct {
	needs   needs
	verdict steps.Verdict
	err     error // it is not judged at all
	machine *machine
	after   *steps.Activation
	entries []steps.Entry
	effects
}

// The kinds of what is no event of the outside, but decided as one.
const (
	kindSettle steps.Kind = 0xFF // record what fell due
	kindLook   steps.Kind = 0xFE // and what is proven through other activations
)

// decide judges an event: here, and in rules.go, is what events mean (contract,
// section 3). It is pure: the same arguments, the same decision.
func (m *machine) decide(a *steps.Activation, past *past, ev *steps.Event, by *steps.Caller, known *facts, now time.Time) decision {
	if ev.Kind == steps.Completed && !by.May(steps.Report) {
		if !by.Owns(a) {
			return decision{verdict: refusal(ev, steps.UnknownActivation)}
		}
		if !m.confirms(ev.Steps) {
			return decision{err: errForbidden}
		}
	}
	names := m.canonical(ev.Steps)
	if first := past.find(ev.Key); first != nil {
		verdict := first.Verdict(a.StepsID)
		verdict.Duplicate = true
		if !m.tells(first, ev) {
			verdict = refusal(ev, steps.Conflict)
		}
		return decision{verdict: verdict}
	}
	if ev.Kind == steps.Moved && m.versions[ev.Plan] == nil {
		return decision{verdict: refusal(ev, steps.UnknownPlan)} // a replica that is up to date can move it
	}
	d := draft{m: m, a: new(steps.Activation), past: past, by: by, now: now, facts: known}
	*d.a = *a
	d.settle()
	var verdict steps.Verdict
	switch {
	case ev.Kind == kindSettle:
	case ev.Kind == kindLook:
		d.inherit()
	case len(d.entries) == 0 && d.repeatsReset(ev, names):
		return decision{needs: d.needs, verdict: steps.Verdict{StepsID: a.StepsID, Outcome: steps.Applied}}
	case d.full():
		return decision{verdict: refusal(ev, steps.Exhausted)}
	default:
		verdict = d.judge(ev, names)
	}
	if d.needs.any() {
		return decision{needs: d.needs}
	}
	return decision{verdict: verdict, machine: d.m, after: d.a, entries: d.entries, effects: d.effects}
}

// judge records an event with its outcome and what follows from it.
func (d *draft) judge(ev *steps.Event, names []string) steps.Verdict {
	r := d.rule(ev, names)
	entry := steps.Entry{
		Kind: ev.Kind, Outcome: r.outcome(), Reason: r.refusal, Until: r.until, Plan: ev.Plan,
		Payload: steps.Payload{Event: ev.Key, Steps: names, Actor: ev.Actor, Comment: ev.Reason},
	}
	if ev.Epoch != nil {
		entry.Claimed = new(*ev.Epoch)
	}
	if !ev.Time.IsZero() {
		entry.Told = store.Millis(ev.Time)
	}
	if entry.Outcome == steps.Applied && ev.Kind == steps.Completed {
		d.prove(names, ev.Key, r.until)
	}
	at := len(d.entries)
	d.record(entry)
	if entry.Outcome == steps.Applied {
		d.follow(ev, names)
	}
	return d.entries[at].Verdict(d.a.StepsID)
}

// refusal is a verdict that needs no memory, since the same event meets the same
// one again. It says nothing of the activation, which nobody looked at for it.
func refusal(ev *steps.Event, reason steps.Refusal) steps.Verdict {
	return steps.Verdict{
		Source: ev.Key.Source, ID: ev.Key.ID, StepsID: ev.StepsID,
		Outcome: steps.Refused, Reason: reason,
	}
}

// repeatsReset reports whether the event is a reset by a call, which has no id
// to be known again by, right behind the same one: it changes nothing, unless a
// checker has changed its mind.
func (d *draft) repeatsReset(ev *steps.Event, names []string) bool {
	if ev.Kind != steps.Reset || ev.Key != (steps.EventKey{}) || !d.past.endsInReset(names) {
		return false
	}
	for _, i := range d.m.indexes(names) {
		if d.m.plan.Steps[i].Checker == "" {
			continue
		}
		if _, proven := d.check(i); proven != d.a.Proofs[i].Done() && !d.needs.any() {
			return false
		}
	}
	return true
}

// tells reports whether an entry records this event with this payload, its steps
// under the names of whichever version of the plan it was judged by.
func (m *machine) tells(entry *steps.Entry, ev *steps.Event) bool {
	if entry.Tells(ev, m.canonical(ev.Steps)) {
		return true
	}
	for _, version := range m.versions {
		if version != m && entry.Tells(ev, version.canonical(ev.Steps)) {
			return true
		}
	}
	return false
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

// indexes returns the places of steps that the plan has; of no names, all of
// them.
func (m *machine) indexes(names []string) []int {
	var places []int
	if len(names) == 0 {
		for i := range m.names {
			places = append(places, i)
		}
	}
	for _, name := range names {
		if i := m.plan.Index(name); i >= 0 && !slices.Contains(places, i) {
			places = append(places, i)
		}
	}
	return places
}

// firstTodo returns the place of the first of the steps that is not done, or
// none.
func (m *machine) firstTodo(a *steps.Activation, names []string) int {
	for _, name := range names {
		if i := m.plan.Index(name); !a.Proofs[i].Done() {
			return i
		}
	}
	return none
}

package engine_test

import (
	"maps"
	"slices"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// world is the rules of docs/reference/rules.md written a second time, as
// plainly as can be and from its words alone: maps of what is known, and loops.
// It predicts what becomes of every action, and is no faster or cleverer than
// that needs.
type world struct {
	plans        []*steps.Plan
	associations []steps.Association
	activations  []*activation
	evidence     map[subject]evidence
	failures     map[subject]tally
	answers      map[subject]answer // of checkers; "no" where nothing stands
	unfit        map[string]fitness // vehicles that are not eligible, by VIN
	fault        string             // a rule that this world has wrong; for the controls
}

// activation is one association on one device.
type activation struct {
	id          steps.ID
	association steps.Association
	device      string
	plan        *steps.Plan
	created     time.Time
	over        steps.State // cancelled or expired; "": neither
	since       time.Time
	epoch       uint32
	begun       time.Time // the epoch
	deadline    time.Time
	done        map[string]proof // by step
	revoked     map[string]bool  // by step
	held        []waiting
	entries     uint32
	first       map[steps.EventKey]judged
	resetByCall *string // the device's reset that is the newest entry: its step, "" for all
}

// proof is that a step is done, where, and until when.
type proof struct {
	at, until time.Time
	origin    steps.Origin
}

// waiting is a held completion.
type waiting struct {
	steps []string
	until time.Time
	key   steps.EventKey
}

// judged is an event with its first verdict.
type judged struct {
	event     steps.Event
	canonical []string
	plan      *steps.Plan // whose names these are
	verdict   steps.Verdict
	at        time.Time
}

func newWorld(plans []steps.Plan, associations []steps.Association) *world {
	w := &world{
		associations: associations,
		evidence:     make(map[subject]evidence),
		failures:     make(map[subject]tally),
		answers:      make(map[subject]answer),
		unfit:        make(map[string]fitness),
	}
	w.use(plans)
	return w
}

// use makes these the plans that the world judges by.
func (w *world) use(plans []steps.Plan) {
	w.plans = nil
	for i := range plans {
		w.plans = append(w.plans, &plans[i])
	}
}

// latest is the newest version of a service's plan.
func (w *world) latest(service string) *steps.Plan {
	var newest *steps.Plan
	for _, p := range w.plans {
		if p.Service == service && (newest == nil || p.Version > newest.Version) {
			newest = p
		}
	}
	return newest
}

func (w *world) version(service string, version uint32) *steps.Plan {
	for _, p := range w.plans {
		if p.Service == service && p.Version == version {
			return p
		}
	}
	return nil
}

func (w *world) find(id steps.ID) *activation {
	for _, a := range w.activations {
		if a.id == id {
			return a
		}
	}
	return nil
}

// state is the first step to do, unless the activation is over.
func (a *activation) state() steps.State {
	if a.over != "" {
		return a.over
	}
	for _, s := range a.plan.Steps {
		if _, done := a.done[s.Name]; !done {
			return steps.State(s.Name)
		}
	}
	return steps.StateActivated
}

// enter makes a change of an activation, which is one entry of its history.
func (a *activation) enter(now time.Time, change func()) {
	before := a.state()
	change()
	if a.state() != before {
		a.since = now
	}
	if a.state() == steps.StateActivated {
		a.deadline = time.Time{}
	}
	a.entries++
	a.resetByCall = nil
}

// copy is an activation as it is now, for a change that may yet fail, or for a
// reader. What was judged is only ever added to, and is shared.
func (a *activation) copy() *activation {
	b := *a
	b.done, b.revoked, b.held = maps.Clone(a.done), maps.Clone(a.revoked), slices.Clone(a.held)
	return &b
}

// attempt makes a change of an activation that a failing checker undoes.
func (w *world) attempt(a *activation, change func() *failing) *failing {
	before, evidenceBefore := a.copy(), maps.Clone(w.evidence)
	failed := change()
	if failed != nil {
		*a, w.evidence = *before, evidenceBefore
	}
	return failed
}

// index is the place of a step in a plan, by name or alias, or -1.
func index(p *steps.Plan, name string) int {
	return slices.IndexFunc(p.Steps, func(s steps.Step) bool { return s.Name == name || slices.Contains(s.Aliases, name) })
}

// named is the steps of these names under the plan's own names; those that are
// no steps stay.
func named(p *steps.Plan, names []string) []string {
	var canonical []string
	for _, name := range names {
		if i := index(p, name); i >= 0 {
			name = p.Steps[i].Name
		}
		canonical = append(canonical, name)
	}
	return canonical
}

// todo is which of these steps are not done.
func (a *activation) todo(names []string) []string {
	var todo []string
	for _, name := range named(a.plan, names) {
		if _, done := a.done[name]; !done {
			todo = append(todo, name)
		}
	}
	return todo
}

// allSteps is the names of the plan's steps, in order.
func (a *activation) allSteps() []string {
	var names []string
	for _, s := range a.plan.Steps {
		names = append(names, s.Name)
	}
	return names
}

// end is when something that begins now ends; a time to live of zero is none.
func end(now time.Time, ttl time.Duration) time.Time {
	if ttl == 0 {
		return time.Time{}
	}
	return now.Add(ttl)
}

// earlier is the earlier of two ends, of which zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// lasts reports whether something with an end still counts.
func lasts(until, now time.Time) bool { return until.IsZero() || now.Before(until) }

package engine

import (
	"time"

	"github.com/stepgate/stepgate/steps"
)

// gridEvents are every kind of event, about every step and every run of steps;
// a call for the list; and the sweeper.
func gridEvents(plan *steps.Plan) []gridEvent {
	var names []string
	for _, step := range plan.Steps {
		names = append(names, step.Name)
	}
	const unknown = "noSuchStep"
	var events []gridEvent
	add := func(ev steps.Event) {
		ev.Key, ev.Actor, ev.Reason = steps.EventID("grid", "event"), "ann", "she asked for it"
		events = append(events, gridEvent{ev, gridCaller})
	}
	for from := range names {
		for to := from + 1; to <= len(names); to++ {
			add(steps.Event{Kind: steps.Completed, Steps: names[from:to]})
		}
	}
	add(steps.Event{Kind: steps.Completed, Steps: []string{names[1], names[0]}})
	for _, kind := range []steps.Kind{steps.Completed, steps.Failed, steps.Reset, steps.Overridden, steps.Revoked, steps.Unlocked} {
		for _, name := range append(names, unknown) {
			if kind != steps.Completed || name == unknown {
				add(steps.Event{Kind: kind, Steps: []string{name}})
			}
		}
	}
	add(steps.Event{Kind: steps.Reset})
	add(steps.Event{Kind: steps.Cancelled})
	add(steps.Event{Kind: steps.Unlocked})
	for version := range uint32(3) {
		add(steps.Event{Kind: steps.Moved, Plan: version + 1})
	}
	for i := range events {
		events[i].StepsID = 42
	}
	return append(
		events,
		gridEvent{steps.Event{Kind: kindLook, StepsID: 42}, gridCaller},
		gridEvent{steps.Event{Kind: kindSettle, StepsID: 42}, gridCaller},
	)
}

// gridScene is what is known besides the activation and the event.
type gridScene struct {
	name string
	set  func(*gridWorld, *gridEvent)
}

// gridScenes are the scenes of a plan: those of every plan, and those of the
// rules that it has.
func gridScenes(plan *steps.Plan) []gridScene {
	scenes := []gridScene{
		{"whoever may do everything tells it, without epoch and time; nothing is proven elsewhere, no budget is spent, nothing waits; checkers say yes", func(*gridWorld, *gridEvent) {}},
		{"told in the present epoch: what differs", epoch(0)},
		{"told in an older epoch: what differs", epoch(-1)},
		{"told in an epoch to come: what differs", epoch(+1)},
		{"told of a time before the present epoch: what differs", func(w *gridWorld, ev *gridEvent) { ev.Time = w.a.EpochAt.Add(-time.Millisecond) }},
		{"told of a time in the present epoch: what differs", func(w *gridWorld, ev *gridEvent) { ev.Time = w.a.EpochAt }},
		{"told by the device: what differs", by(gridDevice)},
		{"told by a back-end service: what differs", by(gridReporter)},
		{"told by an operator: what differs", by(gridOperator)},
		{"told by a back-end service, and the history is full: what differs", func(w *gridWorld, ev *gridEvent) { w.a.Revision, ev.by = MaxEntries, gridReporter }},
		{"the history is full: what differs", func(w *gridWorld, ev *gridEvent) { w.a.Revision = MaxEntries }},
		{"every step is proven elsewhere: what differs", elsewhere(0, 1, 2)},
		{"the first step is proven elsewhere: what differs", elsewhere(0)},
		{"the last step is proven elsewhere: what differs", elsewhere(2)},
	}
	if plan.Steps[0].Budget.Counts() {
		scenes = append(scenes, gridScene{"the budget of the first step is spent for 15 minutes: what differs", tally(0, func(w *gridWorld) steps.Tally {
			return steps.Tally{Revision: 3, Total: 3, Opens: w.now.Add(15 * time.Minute)}
		})}, gridScene{"it opened a moment ago: what differs", tally(0, func(w *gridWorld) steps.Tally {
			return steps.Tally{Revision: 3, Total: 3, Opens: w.now}
		})}, gridScene{"the budget of the first step is spent for good: what differs", tally(0, func(*gridWorld) steps.Tally {
			return steps.Tally{Revision: 10, Total: 10, Spent: true}
		})}, gridScene{"two attempts at the first step failed: what differs", tally(0, func(w *gridWorld) steps.Tally {
			return steps.Tally{Revision: 2, Total: 2, Failures: []time.Time{w.now.Add(-time.Minute), w.now}}
		})})
	}
	if plan.Steps[2].Confirm {
		scenes = append(scenes, gridScene{"checkers say no: what differs", func(w *gridWorld, _ *gridEvent) { w.checks.Proven = false }})
	}
	if plan.Hold.Limit > 0 {
		scenes = append(
			scenes,
			gridScene{"a completion of the second step waits, where that is early: what differs", waiting(1)},
			gridScene{"completions of the second and of the last step wait, where that is early: what differs", waiting(1, 2)},
			gridScene{"they wait, and the budget of the second step is spent: what differs", func(w *gridWorld, ev *gridEvent) {
				waiting(1, 2)(w, ev)
				tally(1, func(w *gridWorld) steps.Tally { return steps.Tally{Revision: 3, Opens: w.now.Add(time.Minute)} })(w, ev)
			}},
			gridScene{"they wait, and the first step is proven elsewhere: what differs", func(w *gridWorld, ev *gridEvent) {
				waiting(1, 2)(w, ev)
				elsewhere(0)(w, ev)
			}},
			gridScene{"they waited longer than they may: what differs", func(w *gridWorld, ev *gridEvent) {
				waiting(1, 2)(w, ev)
				w.now = w.now.Add(w.m.plan.Hold.TTL)
			}},
		)
	}
	if plan.Steps[0].TTL > 0 {
		scenes = append(scenes, gridScene{"the first step was proven longer ago than it counts: what differs", later(plan.Steps[0].TTL)})
	}
	if plan.Deadline > 0 {
		scenes = append(scenes, gridScene{"the deadline is over: what differs", later(plan.Deadline)})
	}
	return scenes
}

// epoch has an event tell that it happened so many epochs from now.
func epoch(from int) func(*gridWorld, *gridEvent) {
	return func(_ *gridWorld, ev *gridEvent) { ev.Epoch = new(uint32(gridEpoch + from)) }
}

func by(caller *steps.Caller) func(*gridWorld, *gridEvent) {
	return func(_ *gridWorld, ev *gridEvent) { ev.by = caller }
}

// elsewhere has steps proven through another activation, unless they are proven
// through this one.
func elsewhere(places ...int) func(*gridWorld, *gridEvent) {
	return func(w *gridWorld, _ *gridEvent) {
		for _, i := range places {
			s := w.m.plan.Subject(i, w.a)
			if _, known := w.evidence[s]; !known {
				w.evidence[s] = steps.Evidence{Subject: s, Origin: steps.Origin{StepsID: 7, Event: steps.EventID("sms", "e-7"), At: w.now}}
			}
		}
	}
}

// tally has the failures of a step counted.
func tally(i int, counted func(*gridWorld) steps.Tally) func(*gridWorld, *gridEvent) {
	return func(w *gridWorld, _ *gridEvent) { w.tallies[w.m.plan.Subject(i, w.a)] = counted(w) }
}

// waiting has completions of steps come before their turn.
func waiting(places ...int) func(*gridWorld, *gridEvent) {
	return func(w *gridWorld, _ *gridEvent) {
		for _, i := range places {
			early := steps.Event{Key: steps.EventID("early", w.m.names[i]), Kind: steps.Completed, Steps: []string{w.m.names[i]}}
			d := w.m.decide(w.a, &past{}, &early, gridCaller, w.facts(w.a), w.now)
			if d.verdict.Outcome == steps.Held {
				w.a = d.after
			}
		}
	}
}

// later has time pass since the present epoch began.
func later(d time.Duration) func(*gridWorld, *gridEvent) {
	return func(w *gridWorld, _ *gridEvent) { w.now = w.a.EpochAt.Add(d) }
}

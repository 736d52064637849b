package engine_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// What must always hold (contract, section 3), looked at on its own: from what
// the engine shows and tells, and without the model.

// staysDone looks for a step that was done and is no more, without a reset, an
// expiry, a revocation or a move that says so.
func (w *walk) staysDone(now steps.List) {
	before := w.seen[now.StepsID]
	w.seen[now.StepsID] = now
	for _, item := range before.Items {
		done := slices.ContainsFunc(now.Items, func(i steps.Item) bool { return i.Name == item.Name && i.Status == steps.AlreadyDone })
		if item.Status != steps.AlreadyDone || done || !lasts(item.Proof.Until, w.now) {
			continue
		}
		history, err := w.engine.History(w.ctx, operator, now.StepsID)
		if err != nil {
			w.differ("sticky", "%v", err)
			return
		}
		if !undone(item.Name, history[before.Revision:]) {
			w.differ("sticky", "%s of %d is undone, and nothing says why", item.Name, now.StepsID)
		}
	}
}

// undone reports whether an entry says that a step is done no more.
func undone(step string, entries []steps.Entry) bool {
	return slices.ContainsFunc(entries, func(e steps.Entry) bool {
		switch e.Kind {
		case steps.Reset:
			return e.Outcome == steps.Applied && (len(e.Steps) == 0 || slices.Contains(e.Steps, step))
		case steps.Expired, steps.Revoked:
			return e.Outcome == steps.Applied && slices.Contains(e.Steps, step)
		case steps.Moved:
			return e.Outcome == steps.Applied
		}
		return false
	})
}

// tellAllAgain tells every event again: each has the verdict that it had first,
// and nothing changes. A move that was not judged for want of the plan is.
func (w *walk) tellAllAgain() {
	for _, t := range w.told {
		a := w.world.find(t.event.StepsID)
		if t.verdict.Reason == steps.UnknownPlan || w.leftOpen(t) || !t.caller.May(steps.Report) && !a.confirmed(t.event.Steps) {
			continue // a device whose plan asks no checker any more may not tell it
		}
		got, err := w.engine.Handle(w.ctx, t.caller, t.event)
		want := t.verdict
		want.Duplicate = want.Revision > 0
		if err != nil || got != want {
			w.differ("once", "%+v told again\nfirst %+v\nthen  %+v %v", t.event, want, got, err)
			return
		}
	}
	w.compareAll()
}

// mustHold looks at the histories, the feed and the records.
func (w *walk) mustHold() {
	histories := make(map[steps.ID][]steps.Entry)
	for _, a := range w.world.activations {
		stored, err := w.store.Load(w.ctx, []steps.ID{a.id})
		if err != nil {
			w.differ("history", "%v", err)
			return
		}
		histories[a.id], err = w.engine.History(w.ctx, operator, a.id)
		if err == nil {
			err = steps.VerifyHistory(&stored[0], histories[a.id])
		}
		if err != nil {
			w.differ("history", "of %d: %v", a.id, err)
		}
		plan := func(version uint32) *steps.Plan { return w.world.version(a.plan.Service, version) }
		if fault := orderFault(plan, histories[a.id]); fault != "" {
			w.differ("order", "of %d, %s", a.id, fault)
		}
	}
	told, err := w.feed()
	if err != nil {
		w.differ("feed", "%v", err)
	}
	if fault := feedFault(told, histories); fault != "" {
		w.differ("feed", "%s", fault)
	}
	w.replays(histories)
}

// feed reads the whole feed in pages.
func (w *walk) feed() (all []store.Told, err error) {
	var after store.Cursor
	for {
		page, err := w.engine.Changes(w.ctx, operator, after, 7)
		if err != nil || len(page) == 0 {
			return all, err
		}
		all = append(all, page...)
		after = page[len(page)-1].Cursor
	}
}

// feedFault returns which entry the feed lacks, or tells out of place, or "".
func feedFault(told []store.Told, histories map[steps.ID][]steps.Entry) string {
	seen := make(map[steps.ID]int)
	for _, t := range told {
		history, n := histories[t.StepsID], seen[t.StepsID]
		if n >= len(history) || history[n].Hash != t.Entry.Hash || history[n].Revision != t.Entry.Revision {
			return fmt.Sprintf("entry %d of %d is out of its place", t.Entry.Revision, t.StepsID)
		}
		seen[t.StepsID]++
	}
	for id, history := range histories {
		if seen[id] < len(history) {
			return fmt.Sprintf("entry %d of %d is missing", seen[id]+1, id)
		}
	}
	return ""
}

// orderFault returns which entry of a history completes a step before those in
// front of it are done, or has a state that is not the first step to do, or "".
func orderFault(version func(uint32) *steps.Plan, history []steps.Entry) string {
	var plan *steps.Plan
	done := make(map[string]time.Time) // until when, by step
	for i := range history {
		e := &history[i]
		if e.Outcome == steps.Applied {
			if e.Kind == steps.Created || e.Kind == steps.Moved {
				plan = version(e.Plan)
				done = carried(plan, done, e.At)
			}
			if step := play(plan, done, e, history); step != "" {
				return fmt.Sprintf("entry %d completes %s before its turn", e.Revision, step)
			}
		}
		switch e.After {
		case steps.StateCancelled, steps.StateExpired:
		default:
			if first := firstToDo(plan, done); first != e.After {
				return fmt.Sprintf("entry %d says %s, and %s is to do", e.Revision, e.After, first)
			}
		}
	}
	return ""
}

// carried is what is done under another plan: what lasts and has a name there.
func carried(plan *steps.Plan, done map[string]time.Time, now time.Time) map[string]time.Time {
	under := make(map[string]time.Time)
	for name, until := range done {
		if i := plan.Index(name); i >= 0 && lasts(until, now) {
			under[plan.Steps[i].Name] = until
		}
	}
	return under
}

func firstToDo(plan *steps.Plan, done map[string]time.Time) steps.State {
	for _, s := range plan.Steps {
		if _, is := done[s.Name]; !is {
			return steps.State(s.Name)
		}
	}
	return steps.StateActivated
}

// play does to the steps what an entry says, and returns the step that it
// completes before its turn, or "".
func play(plan *steps.Plan, done map[string]time.Time, e *steps.Entry, history []steps.Entry) string {
	names := e.Steps
	switch e.Kind {
	case steps.Absorbed:
		names = history[e.Of-1].Steps
		fallthrough
	case steps.Completed, steps.Overridden, steps.Checked:
		for _, name := range named(plan, names) {
			if _, is := done[name]; is {
				continue
			}
			if (e.Kind == steps.Completed || e.Kind == steps.Absorbed) && firstToDo(plan, done) != steps.State(name) {
				return name
			}
			done[name] = earlier(e.Until, end(e.At, plan.Steps[plan.Index(name)].TTL))
		}
	case steps.Inherited:
		done[names[0]] = e.Until
	case steps.Reset:
		if len(names) == 0 {
			clear(done)
		}
		fallthrough
	case steps.Expired, steps.Revoked:
		for _, name := range names {
			delete(done, name)
		}
	}
	return ""
}

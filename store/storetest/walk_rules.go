package storetest

import (
	"slices"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// holdTTL is how long a completion that is held waits for its turn.
const holdTTL = 15 * time.Minute

// Hold holds the completion of a step whose turn has not come.
func (w *Walk) Hold(step string) store.Change {
	entry := w.event(steps.Completed, step)
	entry.Outcome, entry.Until = steps.Held, entry.At.Add(holdTTL)
	a := &w.Activation
	a.Held = append(slices.Clip(a.Held), steps.HeldCompletion{
		Revision: a.Revision + 1, Steps: entry.Steps, Until: entry.Until,
	})
	return w.add(entry)
}

// Absorb completes the steps of the completion that was held first.
func (w *Walk) Absorb() store.Change {
	held := w.release()
	entry := w.found(steps.Absorbed, held.Steps...)
	entry.Of = held.Revision
	return w.prove(entry)
}

// Drop gives up the completion that was held first.
func (w *Walk) Drop() store.Change {
	held := w.release()
	entry := w.found(steps.Dropped, held.Steps...)
	entry.Of, entry.Reason = held.Revision, steps.IsExpired
	return w.add(entry)
}

// release takes the completion that was held first out of those that wait.
func (w *Walk) release() steps.HeldCompletion {
	a := &w.Activation
	held := a.Held[0]
	if a.Held = a.Held[1:]; len(a.Held) == 0 {
		a.Held = nil
	}
	return held
}

// Inherit takes over, for an hour from where evidence begins, that it proves
// its step.
func (w *Walk) Inherit(known steps.Evidence) store.Change {
	entry := w.found(steps.Inherited, known.Subject.Step)
	entry.Until, entry.Origin = known.At.Add(time.Hour), known.Origin
	return w.prove(entry)
}

// Check records that a checker says of a step that it is proven, for a day.
func (w *Walk) Check(step string) store.Change {
	entry := w.found(steps.Checked, step)
	entry.Until = entry.At.AddDate(0, 0, 1)
	return w.prove(entry)
}

// Override has an operator declare a step done.
func (w *Walk) Override(step string) store.Change {
	entry := w.event(steps.Overridden, step)
	entry.Actor, entry.Comment = "operator-7", "seen at the dealer's"
	return w.prove(entry)
}

// Revoke has an operator take a proof away.
func (w *Walk) Revoke(step string) store.Change {
	entry := w.event(steps.Revoked, step)
	entry.Actor, entry.Comment = "operator-7", "the phone was stolen"
	change := w.lose(entry, steps.Proof{At: entry.At, Revision: w.Activation.Revision + 1, Revoked: true})
	change.Withdrawn = []steps.Subject{w.Subject(step)}
	return change
}

// Lapse records that a proof counts no longer.
func (w *Walk) Lapse(step string) store.Change {
	return w.lose(w.found(steps.Expired, step), steps.Proof{})
}

// lose adds an entry that puts something that is no proof in the place of those
// of its steps.
func (w *Walk) lose(entry steps.Entry, instead steps.Proof) store.Change {
	w.set(entry.Steps, instead)
	entry.After = w.firstTodo()
	return w.add(entry)
}

// Expire records that the activation took longer than its plan allows.
func (w *Walk) Expire() store.Change {
	entry := w.found(steps.Expired)
	entry.After = steps.StateExpired
	return w.add(entry)
}

// Lock records that a completion was refused since the budget is spent.
func (w *Walk) Lock() store.Change {
	entry := w.event(steps.Completed, w.Names[0])
	entry.Outcome, entry.Reason, entry.Until = steps.Refused, steps.Locked, entry.At.Add(time.Hour)
	return w.add(entry)
}

// Unlock has an operator give a budget back.
func (w *Walk) Unlock(step string) store.Change {
	entry := w.event(steps.Unlocked, step)
	entry.Actor, entry.Comment = "operator-7", "it was the network"
	return w.add(entry)
}

// Move makes the activation follow another version of its plan, with these
// steps. What is proven stays so.
func (w *Walk) Move(version uint32, names ...string) store.Change {
	entry := w.event(steps.Moved)
	entry.Actor, entry.Comment, entry.Plan = "operator-7", "a plan for all", version
	proofs := make([]steps.Proof, len(names))
	for i, name := range names {
		if before := slices.Index(w.Names, name); before >= 0 {
			proofs[i] = w.Activation.Proofs[before]
		}
	}
	w.Names, w.Activation.Plan, w.Activation.Proofs = names, version, proofs
	entry.After = w.firstTodo()
	return w.add(entry)
}

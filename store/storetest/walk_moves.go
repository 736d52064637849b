package storetest

import (
	"slices"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Create creates the activation.
func (w *Walk) Create() store.Change {
	a := &w.Activation
	a.Created, a.Since, a.EpochAt = w.now, w.now, w.now
	a.Proofs = make([]steps.Proof, len(w.Names))
	return w.add(steps.Entry{
		At: w.now, Kind: steps.Created, Outcome: steps.Applied, After: steps.State(w.Names[0]), Plan: a.Plan,
		Payload: steps.Payload{Caller: a.User, Channel: "pims"},
	})
}

// Complete completes the step that is next. There must be one.
func (w *Walk) Complete() store.Change {
	return w.prove(w.event(steps.Completed, string(w.Activation.State)))
}

// Fail records a failed attempt at the first step.
func (w *Walk) Fail() store.Change {
	return w.add(w.event(steps.Failed, w.Names[0]))
}

// Refuse records the refusal of an event that claims the next epoch.
func (w *Walk) Refuse() store.Change {
	entry := w.event(steps.Completed, w.Names[0])
	claimed := w.Activation.Epoch + 1
	entry.Claimed = &claimed
	entry.Outcome, entry.Reason = steps.Refused, steps.EpochAhead
	return w.add(entry)
}

// Reset begins a new epoch, withdraws the evidence of every step, and gives up
// what is held.
func (w *Walk) Reset() store.Change {
	entry := w.event(steps.Reset)
	entry.After = steps.State(w.Names[0])
	a := &w.Activation
	if !a.Deadline.IsZero() {
		a.Deadline = entry.At.Add(a.Deadline.Sub(a.EpochAt))
	}
	a.Epoch++
	a.EpochAt = entry.At
	a.Proofs, a.Held = make([]steps.Proof, len(w.Names)), nil
	change := w.add(entry)
	change.Withdrawn = w.Subjects()
	return change
}

// Cancel calls the activation off.
func (w *Walk) Cancel() store.Change {
	entry := w.event(steps.Cancelled)
	entry.Actor, entry.Comment, entry.After = "operator-7", "the customer sold the car", steps.StateCancelled
	return w.add(entry)
}

// Next creates the activation, completes its steps one by one, resets it when
// all are done, and so on for ever.
func (w *Walk) Next() store.Change {
	switch {
	case w.Activation.Revision == 0:
		return w.Create()
	case slices.Contains(w.Names, string(w.Activation.State)):
		return w.Complete()
	}
	return w.Reset()
}

// Record adds an entry that leaves the activation in its state. What follows
// from the place in the history is filled in.
func (w *Walk) Record(entry steps.Entry) store.Change {
	if entry.At.IsZero() {
		entry.At = w.tick()
	}
	entry.After = w.Activation.State
	return w.add(entry)
}

// prove adds an entry that proves its steps, from when it says.
func (w *Walk) prove(entry steps.Entry) store.Change {
	a := &w.Activation
	proof := steps.Proof{At: entry.At, Until: entry.Until, Revision: a.Revision + 1}
	if entry.Kind == steps.Inherited {
		proof.At = entry.Origin.At
	}
	if w.TTL > 0 {
		proof.Until = proof.At.Add(w.TTL.Truncate(time.Millisecond))
	}
	w.set(entry.Steps, proof)
	entry.After = w.firstTodo()
	change := w.add(entry)
	if w.Proves && entry.Kind != steps.Inherited {
		for _, step := range entry.Steps {
			proven := w.Evidence(step)
			proven.Until = proof.Until
			change.Proven = append(change.Proven, proven)
		}
	}
	return change
}

// set puts a proof in the place of those of steps.
func (w *Walk) set(names []string, proof steps.Proof) {
	a := &w.Activation
	a.Proofs = slices.Clone(a.Proofs)
	for _, name := range names {
		a.Proofs[slices.Index(w.Names, name)] = proof
	}
}

// firstTodo returns the state in which the first step that is not done is next.
func (w *Walk) firstTodo() steps.State {
	for i, proof := range w.Activation.Proofs {
		if !proof.Done() {
			return steps.State(w.Names[i])
		}
	}
	return steps.StateActivated
}

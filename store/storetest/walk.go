package storetest

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Walk is an activation on its way through its plan. Each of its methods moves
// it on by one history entry, as the engine would, and returns the change that
// a store is to commit; the chain of hashes is valid. A Walk is for one
// goroutine.
type Walk struct {
	Activation steps.Activation // after the newest change; its identity may be altered before Create
	Entries    []steps.Entry    // the whole history, oldest first
	Names      []string         // the steps of the plan, in order

	rand *rand.Rand
	now  time.Time
}

// begin is when the Walk of seed 0 is created; each seed is a millisecond later.
var begin = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// NewWalk returns a walk of random identity through the steps with these names,
// or through those of the source text. The same seed gives the same walk; seeds
// below 2^40 give different IDs, which ascend with the seed.
func NewWalk(seed uint64, names ...string) *Walk {
	if len(names) == 0 {
		names = []string{steps.TrustedPhone, steps.DeviceActivation, steps.MediumCarKey}
	}
	w := &Walk{
		Names: names,
		rand:  rand.New(rand.NewPCG(seed, 0)),
		now:   begin.Add(time.Duration(seed%(1<<40)) * time.Millisecond),
	}
	w.Activation = steps.Activation{
		StepsID: steps.NewID(w.now, w.rand.Uint64()),
		Binding: steps.Binding{Association: w.uuid(), User: w.uuid(), Device: w.uuid()},
		Service: steps.RemoteCommands,
		VIN:     fmt.Sprintf("VF3%014d", w.rand.Uint64N(1e14)),
		Plan:    1,
	}
	return w
}

// From returns a walk through the same plan that goes on from an activation as
// it was loaded. Its Entries begin there.
func (w *Walk) From(a steps.Activation, seed uint64) *Walk {
	return &Walk{Activation: a, Names: w.Names, rand: rand.New(rand.NewPCG(seed, 1)), now: w.now}
}

// StepNames returns n names of steps.
func StepNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("step%02d", i+1)
	}
	return names
}

// Create creates the activation.
func (w *Walk) Create() store.Change {
	a := &w.Activation
	a.Created, a.Since, a.EpochAt = w.now, w.now, w.now
	a.Proofs = make([]steps.Proof, len(w.Names))
	return w.add(steps.Entry{
		At: w.now, Kind: steps.Created, Caller: a.User, Channel: "pims",
		Outcome: steps.Applied, After: steps.State(w.Names[0]),
	})
}

// Complete completes the step that is next. There must be one.
func (w *Walk) Complete() store.Change {
	a := &w.Activation
	step := slices.Index(w.Names, string(a.State))
	after := steps.StateActivated
	if step+1 < len(w.Names) {
		after = steps.State(w.Names[step+1])
	}
	entry := w.event(steps.Completed, w.Names[step])
	entry.After = after
	a.Proofs = slices.Clone(a.Proofs)
	a.Proofs[step] = steps.Proof{At: entry.At, Revision: a.Revision + 1}
	return w.add(entry)
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

// Reset begins a new epoch and withdraws the evidence of every step.
func (w *Walk) Reset() store.Change {
	entry := w.event(steps.Reset)
	entry.After = steps.State(w.Names[0])
	a := &w.Activation
	a.Epoch++
	a.EpochAt = entry.At
	a.Proofs = make([]steps.Proof, len(w.Names))
	change := w.add(entry)
	for _, name := range w.Names {
		change.Withdrawn = append(change.Withdrawn, w.Subject(name))
	}
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

// Subject returns whom a step of the walk is proven for: its user with its
// vehicle.
func (w *Walk) Subject(step string) steps.Subject {
	return steps.Subject{Step: step, User: w.Activation.User, VIN: w.Activation.VIN}
}

// Evidence returns that the newest entry proves a step for a year.
func (w *Walk) Evidence(step string) steps.Evidence {
	newest := w.Entries[len(w.Entries)-1]
	return steps.Evidence{
		Subject: w.Subject(step),
		At:      newest.At,
		Until:   newest.At.AddDate(1, 0, 0),
		StepsID: w.Activation.StepsID,
		Event:   newest.Event,
	}
}

// Join makes one change of changes that follow each other.
func Join(changes ...store.Change) store.Change {
	joined := store.Change{From: changes[0].From, Activation: changes[len(changes)-1].Activation}
	for _, c := range changes {
		joined.Entries = append(joined.Entries, c.Entries...)
		joined.Proven = append(joined.Proven, c.Proven...)
		joined.Withdrawn = append(joined.Withdrawn, c.Withdrawn...)
	}
	return joined
}

// event returns an entry as an event brings it, not yet in its place.
func (w *Walk) event(kind steps.Kind, names ...string) steps.Entry {
	at := w.tick()
	return steps.Entry{
		At:      at,
		Kind:    kind,
		Event:   steps.EventID("//sms.example/otp", w.uuid()),
		Steps:   names,
		Told:    at.Add(-time.Second),
		Caller:  "orchestrator",
		Channel: "v1",
		Outcome: steps.Applied,
		After:   w.Activation.State,
	}
}

// add puts an entry in its place and makes the change of it.
func (w *Walk) add(entry steps.Entry) store.Change {
	a := &w.Activation
	entry.Before, entry.Epoch, entry.Revision = a.State, a.Epoch, a.Revision+1
	entry.Hash = entry.Chain(a.Hash, a.StepsID)
	if entry.After != a.State {
		a.State, a.Since = entry.After, entry.At
	}
	a.Revision, a.Hash = entry.Revision, entry.Hash
	w.Entries = append(w.Entries, entry)
	return store.Change{From: entry.Revision - 1, Activation: *a, Entries: []steps.Entry{entry}}
}

// tick moves the walk's clock on by up to a minute.
func (w *Walk) tick() time.Time {
	w.now = w.now.Add(time.Duration(1+w.rand.Int64N(60_000)) * time.Millisecond)
	return w.now
}

// uuid returns a random text in the form of a UUID.
func (w *Walk) uuid() string {
	var id [16]byte
	for i := range id {
		id[i] = byte(w.rand.Uint32())
	}
	text := make([]byte, 0, 36)
	for i, part := range [...][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		if i > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, part)
	}
	return string(text)
}

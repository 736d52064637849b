package storetest

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Walk is an activation on its way through its plan. Each of its methods moves
// it on by one history entry, as the engine would, and returns the change that
// a store is to commit; the chain of hashes is valid. A Walk is for one
// goroutine.
type Walk struct {
	Activation steps.Activation // after the newest change; its identity, Deadline and Salt may be altered before Create
	Entries    []steps.Entry    // the whole history, oldest first
	Names      []string         // the steps of the plan, in order
	Proves     bool             // what completes a step leaves evidence of it
	TTL        time.Duration    // how long a proof counts; zero: without end

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
		Salt:    w.bytes(),
	}
	return w
}

// From returns a walk through the same plan that goes on from an activation as
// it was loaded. Its Entries begin there.
func (w *Walk) From(a steps.Activation, seed uint64) *Walk {
	return &Walk{
		Activation: a, Names: w.Names, Proves: w.Proves, TTL: w.TTL,
		rand: rand.New(rand.NewPCG(seed, 1)), now: w.now,
	}
}

// StepNames returns n names of steps.
func StepNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("step%02d", i+1)
	}
	return names
}

// scopes are those of the source text's steps. Any other step is proven for its
// activation alone.
var scopes = map[string]steps.Scope{
	steps.TrustedPhone:     steps.ScopeUser,
	steps.DeviceActivation: steps.ScopeUserDevice,
	steps.MediumCarKey:     steps.ScopeUserVehicle,
}

// Subject returns whom a step of the walk is proven for.
func (w *Walk) Subject(step string) steps.Subject {
	plan := steps.Plan{Steps: []steps.Step{{Name: step, Scope: scopes[step]}}}
	return plan.Subject(0, &w.Activation)
}

// Subjects returns whom each step of the walk is proven for.
func (w *Walk) Subjects() []steps.Subject {
	subjects := make([]steps.Subject, len(w.Names))
	for i, name := range w.Names {
		subjects[i] = w.Subject(name)
	}
	return subjects
}

// Evidence returns that the newest entry proves a step for a year.
func (w *Walk) Evidence(step string) steps.Evidence {
	newest := &w.Entries[len(w.Entries)-1]
	return steps.Evidence{
		Subject: w.Subject(step),
		Until:   newest.At.AddDate(1, 0, 0),
		Origin:  steps.Origin{StepsID: w.Activation.StepsID, Event: newest.Event, At: newest.At},
	}
}

// Tally returns that attempts at a step failed as often as its revision says,
// the last time as the newest entry tells, which locked it for an hour.
func (w *Walk) Tally(step string, revision uint32) steps.Tally {
	at := w.Entries[len(w.Entries)-1].At
	return steps.Tally{
		Subject:  w.Subject(step),
		Revision: revision,
		Failures: []time.Time{at.Add(-time.Minute), at},
		Total:    int(revision),
		Opens:    at.Add(time.Hour),
	}
}

// event returns an entry as an event brings it, not yet in its place.
func (w *Walk) event(kind steps.Kind, names ...string) steps.Entry {
	at := w.tick()
	return steps.Entry{
		At:      at,
		Kind:    kind,
		Outcome: steps.Applied,
		After:   w.Activation.State,
		Payload: steps.Payload{
			Event:   steps.EventID("//sms.example/otp", w.uuid()),
			Steps:   names,
			Told:    at.Add(-time.Second),
			Caller:  "orchestrator",
			Channel: "v1",
		},
	}
}

// found returns an entry as a call brings it that no event asked for.
func (w *Walk) found(kind steps.Kind, names ...string) steps.Entry {
	return steps.Entry{
		At:      w.tick(),
		Kind:    kind,
		Outcome: steps.Applied,
		After:   w.Activation.State,
		Payload: steps.Payload{Steps: names, Caller: w.Activation.User, Channel: "pims"},
	}
}

// add puts an entry in its place and makes the change of it.
func (w *Walk) add(entry steps.Entry) store.Change {
	a := &w.Activation
	entry.Before, entry.Epoch, entry.Revision = a.State, a.Epoch, a.Revision+1
	entry.Hash = entry.Chain(a.Hash, a.StepsID, a.Salt)
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
	id := w.bytes()
	text := make([]byte, 0, 36)
	for i, part := range [...][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		if i > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, part)
	}
	return string(text)
}

func (w *Walk) bytes() [16]byte {
	var random [16]byte
	for i := range random {
		random[i] = byte(w.rand.Uint32())
	}
	return random
}

package storetest

import (
	"slices"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Erase takes from the activation and its history what tells of persons, and
// forgets what is known of its subjects. The Walk's Entries must be whole.
func (w *Walk) Erase() store.Erasure {
	a := &w.Activation
	erasure := store.Erasure{From: a.Revision, Subjects: w.Subjects()}
	entries := slices.Clone(w.Entries)
	for i := range entries {
		entries[i].Erase(a.Salt)
	}
	w.Entries = entries
	w.Activation = steps.Activation{
		StepsID: a.StepsID, Service: a.Service, Plan: a.Plan, Created: a.Created, State: a.State, Since: a.Since,
		Epoch: a.Epoch, EpochAt: a.EpochAt, Revision: a.Revision, Hash: a.Hash,
	}
	w.add(steps.Entry{
		At: w.tick(), Kind: steps.Erased, Outcome: steps.Applied, After: steps.StateErased,
		Payload: steps.Payload{Actor: "privacy-desk", Channel: "cli", Comment: "asked for by the person"},
	})
	erasure.Activation, erasure.Entries = w.Activation, slices.Clone(w.Entries)
	return erasure
}

// eraseAhead returns the erasure of an activation that is n entries further.
func (w *Walk) eraseAhead(n int) store.Erasure {
	ahead := w.twin(1)
	for range n {
		ahead.Fail()
	}
	return ahead.Erase()
}

// twin returns a walk that goes on from where this one is, on its own.
func (w *Walk) twin(seed uint64) *Walk {
	twin := w.From(w.Activation, seed)
	twin.Entries = slices.Clone(w.Entries)
	return twin
}

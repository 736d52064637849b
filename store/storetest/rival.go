package storetest

import (
	"context"
	"encoding/hex"
	"slices"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// overtake makes a change impossible by a valid one of somebody else, and
// reports whether it could.
func (f *Faulty) overtake(ctx context.Context, change *store.Change) bool {
	if change.From == 0 {
		return f.commit(ctx, rivalCreation(change))
	}
	ids := []steps.ID{change.Activation.StepsID}
	loaded, err := f.store.Load(ctx, ids)
	if err != nil || loaded[0].Revision != change.From {
		return false
	}
	histories, err := f.store.History(ctx, ids)
	if err != nil {
		return false
	}
	rival, ok := rivalUpdate(loaded[0], histories[0], change.Entries[0])
	return ok && f.commit(ctx, rival)
}

func (f *Faulty) commit(ctx context.Context, change store.Change) bool {
	return f.store.Commit(ctx, []store.Change{change})[0] == nil
}

// rivalCreation returns the same creation under the next ID.
func rivalCreation(change *store.Change) store.Change {
	rival := *change
	a := &rival.Activation
	if a.StepsID++; a.StepsID > steps.MaxID {
		a.StepsID = 1
	}
	rival.Proven = slices.Clone(change.Proven)
	for i := range rival.Proven {
		if origin := &rival.Proven[i].Origin; origin.StepsID == change.Activation.StepsID {
			origin.StepsID = a.StepsID
		}
	}
	rival.Entries = slices.Clone(change.Entries)
	a.Hash = steps.Hash{}
	for i := range rival.Entries {
		entry := &rival.Entries[i]
		entry.Hash = entry.Chain(a.Hash, a.StepsID, a.Salt)
		a.Hash = entry.Hash
	}
	return rival
}

// rivalUpdate returns a failed attempt at a step as the engine would record it,
// at the time of the entry that it overtakes. It needs a step that the plan
// has: the one that is next or one that was completed. Nothing overtakes what is
// done to an erased activation.
func rivalUpdate(a steps.Activation, history []steps.Entry, overtaken steps.Entry) (store.Change, bool) {
	entry := steps.Entry{
		At:      overtaken.At,
		Kind:    steps.Failed,
		Outcome: steps.Applied,
		Payload: steps.Payload{
			Event:   steps.EventID("//rival.example", hex.EncodeToString(overtaken.Hash[:])),
			Steps:   []string{string(a.State)},
			Caller:  "rival",
			Channel: "v1",
		},
	}
	switch a.State {
	case steps.StateErased:
		return store.Change{}, false
	case steps.StateCancelled:
		entry.Outcome, entry.Reason = steps.Refused, steps.IsCancelled
	case steps.StateExpired:
		entry.Outcome, entry.Reason = steps.Refused, steps.IsExpired
	}
	switch a.State {
	case steps.StateActivated, steps.StateCancelled, steps.StateExpired:
		i := slices.IndexFunc(history, func(e steps.Entry) bool {
			return e.Kind == steps.Completed && e.Outcome == steps.Applied
		})
		if i < 0 {
			return store.Change{}, false
		}
		entry.Steps = history[i].Steps[:1]
	}
	w := &Walk{Activation: a}
	return w.Record(entry), true
}

package storetest

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Commit implements store.Store.
func (f *Faulty) Commit(ctx context.Context, changes []store.Change) []error {
	fault, err := f.begin(ctx, Commit)
	if err != nil {
		return slices.Repeat([]error{err}, len(changes))
	}
	f.writeLate(ctx)
	unknown := fmt.Errorf("%w: planned fault of Commit", store.ErrUnavailable)
	switch fault.Kind {
	case FailAfter:
		results := f.store.Commit(ctx, changes)
		for i, err := range results {
			if err == nil {
				results[i] = unknown
			}
		}
		f.hit(FailAfter)
		return results
	case FailLate:
		f.mu.Lock()
		f.late = append(f.late, copyChanges(changes))
		f.mu.Unlock()
		f.hit(FailLate)
		return slices.Repeat([]error{unknown}, len(changes))
	case ShortBatch:
		keep := min(fault.Keep, len(changes))
		results := f.store.Commit(ctx, changes[:keep])
		f.hit(ShortBatch)
		return append(results, slices.Repeat([]error{unknown}, len(changes)-keep)...)
	case Overtaken:
		if len(changes) > 0 && f.overtake(ctx, &changes[0]) {
			f.hit(Overtaken)
		}
	}
	return f.store.Commit(ctx, changes)
}

// writeLate writes the batches that are late.
func (f *Faulty) writeLate(ctx context.Context) {
	f.mu.Lock()
	late := f.late
	f.late = nil
	f.mu.Unlock()
	for _, changes := range late {
		f.store.Commit(context.WithoutCancel(ctx), changes)
	}
}

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
	rival.Entries = slices.Clone(change.Entries)
	a.Hash = steps.Hash{}
	for i := range rival.Entries {
		entry := &rival.Entries[i]
		entry.Hash = entry.Chain(a.Hash, a.StepsID)
		a.Hash = entry.Hash
	}
	return rival
}

// rivalUpdate returns a failed attempt at a step as the engine would record it,
// at the time of the entry that it overtakes. It needs a step that the plan
// has: the one that is next or one that was completed.
func rivalUpdate(a steps.Activation, history []steps.Entry, overtaken steps.Entry) (store.Change, bool) {
	step := string(a.State)
	if a.State == steps.StateActivated || a.State == steps.StateCancelled {
		i := slices.IndexFunc(history, func(e steps.Entry) bool {
			return e.Kind == steps.Completed && e.Outcome == steps.Applied
		})
		if i < 0 {
			return store.Change{}, false
		}
		step = history[i].Steps[0]
	}
	w := &Walk{Activation: a}
	entry := steps.Entry{
		At:      overtaken.At,
		Kind:    steps.Failed,
		Event:   steps.EventID("//rival.example", hex.EncodeToString(overtaken.Hash[:])),
		Steps:   []string{step},
		Caller:  "rival",
		Channel: "v1",
		Outcome: steps.Applied,
	}
	if a.State == steps.StateCancelled {
		entry.Outcome, entry.Reason = steps.Refused, steps.IsCancelled
	}
	return w.Record(entry), true
}

package engine

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Receipt says what an erasure took away.
type Receipt struct {
	At          time.Time
	Activations []ErasedActivation // in the order of their IDs
}

// ErasedActivation is what stays of an activation: a name that leads to nobody,
// and the head of a history that still verifies.
type ErasedActivation struct {
	StepsID  steps.ID
	Revision uint32
	Hash     steps.Hash
}

// Erase takes away everything of a user: activations, evidence, failure counts,
// held completions, and whatever history entries tell of persons (contract,
// section 4). What stays as audit is pseudonymous, and still verifies: when an
// activation of which service moved between which states. Each history ends in
// an entry that names the actor and the reason.
//
// The caller needs the right Operate. ErrMissing: user, actor or reason. Done
// again, it erases what has come since. Any other error comes with the receipt
// of what was erased: on ErrTimeout and ErrUnavailable do it again.
func (e *Engine) Erase(ctx context.Context, caller steps.Caller, user, actor, reason string) (Receipt, error) {
	receipt := Receipt{At: e.now()}
	if err := permit(&caller, steps.Operate); err != nil {
		return receipt, err
	}
	if err := checkErasure(user, actor, reason); err != nil {
		return receipt, err
	}
	var failed error
	if known, ok := e.associations.(Eraser); ok {
		failed = resolverFailure(known.Erase(ctx, user))
	}
	told := steps.Entry{Kind: steps.Erased, Payload: steps.Payload{Actor: actor, Comment: reason}}
	for idle := 0; idle < maxAttempts; idle++ {
		found, err := e.store.List(ctx, store.Query{User: user})
		if err != nil {
			return receipt, failure(err)
		}
		if len(found) == 0 {
			slices.SortFunc(receipt.Activations, func(a, b ErasedActivation) int { return cmp.Compare(a.StepsID, b.StepsID) })
			return receipt, failed
		}
		erased, err := e.erase(ctx, &caller, found, told)
		receipt.Activations = append(receipt.Activations, erased...)
		if err != nil {
			return receipt, err
		}
		if len(erased) > 0 {
			idle = 0
		}
	}
	return receipt, errContended
}

func checkErasure(user, actor, reason string) error {
	for _, f := range []struct {
		name, text, what string
		limit            int
	}{
		{"user", user, "say whose data is to be erased", steps.MaxText},
		{"actor", actor, "say who erases it", steps.MaxText},
		{"reason", reason, "say why it is erased", steps.MaxReason},
	} {
		if f.text == "" {
			return steps.Missing(f.name, f.what)
		}
		if err := steps.CheckText(f.name, f.text, f.limit); err != nil {
			return err
		}
	}
	return nil
}

// erase erases activations, but for those that move meanwhile.
func (e *Engine) erase(ctx context.Context, caller *steps.Caller, found []steps.Activation, told steps.Entry) ([]ErasedActivation, error) {
	ids := make([]steps.ID, len(found))
	for i := range found {
		ids[i] = found[i].StepsID
	}
	histories, err := e.store.History(ctx, ids)
	if err != nil {
		return nil, failure(err)
	}
	erasures := make([]store.Erasure, 0, len(found))
	for i := range found {
		if len(histories[i]) == int(found[i].Revision) {
			erasures = append(erasures, e.erasure(caller, &found[i], histories[i], told))
		}
	}
	var erased []ErasedActivation
	var failed error
	for i, err := range e.store.Erase(ctx, erasures) {
		after := &erasures[i].Activation
		e.cache.forget(after.StepsID)
		switch {
		case err == nil, e.isErased(ctx, after):
			erased = append(erased, ErasedActivation{after.StepsID, after.Revision, after.Hash})
		case !errors.Is(err, store.ErrConflict):
			failed = failure(err)
		}
	}
	return erased, failed
}

// isErased reports whether an erasure of unknown outcome was made.
func (e *Engine) isErased(ctx context.Context, after *steps.Activation) bool {
	found, err := e.store.Load(ctx, []steps.ID{after.StepsID})
	return err == nil && found[0].State == steps.StateErased && found[0].Hash == after.Hash
}

// erasure returns what takes everything personal from an activation.
func (e *Engine) erasure(caller *steps.Caller, a *steps.Activation, history []steps.Entry, told steps.Entry) store.Erasure {
	entries := slices.Clone(history)
	for i := range entries {
		entries[i].Erase(a.Salt)
	}
	after := *a
	d := draft{m: &machine{}, a: &after, by: caller, now: e.now()}
	d.record(told)
	return store.Erasure{
		From: a.Revision, Activation: after, Entries: append(entries, d.entries...), Subjects: e.subjects(a, history),
	}
}

// subjects returns every subject that an activation can have written about: of
// each step that a plan of its service or its history names, in every scope.
func (e *Engine) subjects(a *steps.Activation, history []steps.Entry) []steps.Subject {
	var names []string
	for _, plan := range e.plans.Plans() {
		if plan.Service == a.Service {
			for _, step := range plan.Steps {
				names = append(names, step.Name)
			}
		}
	}
	for i := range history {
		names = append(names, history[i].Steps...)
	}
	slices.Sort(names)
	var subjects []steps.Subject
	for _, name := range slices.Compact(names) {
		subjects = append(subjects,
			steps.Subject{Step: name, User: a.User},
			steps.Subject{Step: name, User: a.User, Device: a.Device},
			steps.Subject{Step: name, User: a.User, VIN: a.VIN},
			steps.Subject{Step: name, User: a.User, StepsID: a.StepsID},
		)
	}
	return subjects
}

package engine

import (
	"context"
	"errors"
	"reflect"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Verification is what Verify found on its way.
type Verification struct {
	Activations int // that were verified
	Entries     int
	Faults      []Fault
	Next        steps.ID // where to go on; zero: that was all
}

// Fault is what is wrong with a stored activation.
type Fault struct {
	StepsID  steps.ID
	Revision uint32 // of the history entry, where it is one that is wrong
	What     string
}

// Verify verifies up to limit activations (zero: 100) with an ID above after:
// that each entry of their histories is there, in its place, and as it was
// written, and that the history, run through the rules, gives the stored record
// (contract, section 4, tamper-evident). The caller needs the right Operate.
func (e *Engine) Verify(ctx context.Context, caller steps.Caller, after steps.ID, limit int) (Verification, error) {
	var v Verification
	if err := permit(&caller, steps.Operate); err != nil {
		return v, err
	}
	limit, err := pageLimit(limit)
	if err != nil {
		return v, err
	}
	scanned, err := e.store.Scan(ctx, after, limit)
	if err != nil {
		return v, failure(err)
	}
	for i := range scanned {
		s := &scanned[i]
		v.Activations++
		v.Entries += len(s.Entries)
		if s.Err == nil {
			s.Err = e.verify(&s.Activation, s.Entries)
		}
		if s.Err != nil {
			v.Faults = append(v.Faults, faultOf(s))
		}
	}
	if len(scanned) == limit {
		v.Next = scanned[limit-1].StepsID
	}
	return v, nil
}

// faultOf says what is wrong with an activation: which entry, where the store
// or the chain can tell.
func faultOf(s *store.Scanned) Fault {
	if f, ok := errors.AsType[*steps.HistoryFault](s.Err); ok {
		return Fault{StepsID: s.StepsID, Revision: f.Revision, What: f.Error()}
	}
	return Fault{StepsID: s.StepsID, What: s.Err.Error()}
}

func (e *Engine) verify(a *steps.Activation, entries []steps.Entry) error {
	if err := steps.VerifyHistory(a, entries); err != nil {
		return err
	}
	if a.State == steps.StateErased {
		return nil // what it followed from is erased
	}
	replayed, err := e.replay(a, entries)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(replayed, *a) {
		return errReplay
	}
	return nil
}

var (
	errReplay    = errors.New("the stored state does not follow from the history")
	errNoReplay  = errors.New("the history cannot be run through the rules: its plan is not among the engine's")
	errNotPlayed = errors.New("the history does not begin with its creation by its user")
)

// replay runs a history through the rules, from the identity of its activation
// on.
func (e *Engine) replay(identity *steps.Activation, entries []steps.Entry) (steps.Activation, error) {
	a := steps.Activation{
		StepsID: identity.StepsID, Binding: identity.Binding, Service: identity.Service,
		VIN: identity.VIN, Salt: identity.Salt,
	}
	if len(entries) == 0 || entries[0].Kind != steps.Created || entries[0].Caller != a.User {
		return a, errNotPlayed
	}
	m := e.machines[planKey{a.Service, entries[0].Plan}]
	for i := range entries {
		if m == nil || !m.knows(&entries[i]) {
			return a, errNoReplay
		}
		m = m.apply(&a, &entries[i])
		a.Hash = entries[i].Hash
	}
	return a, nil
}

// knows reports whether an entry that was applied speaks of the machine's own
// steps and versions.
func (m *machine) knows(e *steps.Entry) bool {
	if e.Outcome != steps.Applied || e.Kind == steps.Failed || e.Kind == steps.Unlocked || e.Kind == steps.Dropped {
		return true
	}
	for _, name := range e.Steps {
		if m.plan.Index(name) < 0 {
			return false
		}
	}
	return e.Kind != steps.Moved || m.versions[e.Plan] != nil
}

package storetest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Faulty is a store that fails as planned, in ways that the contract allows: a
// caller that keeps to it must survive them all. It is safe for concurrent use
// where the store in it is.
type Faulty struct {
	store store.Store

	mu   sync.Mutex
	plan Plan
	late [][]store.Change // batches that are yet to be written
	hits [faultKinds]int
}

var (
	_ store.Store = (*Faulty)(nil)
	_ store.Heads = (*Faulty)(nil)
)

// NewFaulty returns a store that fails as plan says. Closing it closes st.
func NewFaulty(st store.Store, plan Plan) *Faulty {
	return &Faulty{store: st, plan: plan}
}

// SetPlan replaces the plan, for the calls that begin afterwards.
func (f *Faulty) SetPlan(plan Plan) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plan = plan
}

// Hits returns how many calls a kind of fault has met.
func (f *Faulty) Hits(kind FaultKind) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hits[kind]
}

func (f *Faulty) hit(kind FaultKind) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hits[kind]++
}

// begin asks the plan about a call and waits as long as it says. An error is
// the call's answer.
func (f *Faulty) begin(ctx context.Context, method Method) (Fault, error) {
	if err := ctx.Err(); err != nil {
		return Fault{}, err
	}
	f.mu.Lock()
	fault := f.plan(method)
	f.mu.Unlock()
	if fault.Delay > 0 {
		timer := time.NewTimer(fault.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return Fault{}, ctx.Err()
		}
	}
	if fault.Kind == FailBefore {
		f.hit(FailBefore)
		return Fault{}, fmt.Errorf("%w: planned fault before %s", store.ErrUnavailable, method)
	}
	return fault, nil
}

// Load implements store.Store.
func (f *Faulty) Load(ctx context.Context, ids []steps.ID) ([]steps.Activation, error) {
	if _, err := f.begin(ctx, Load); err != nil {
		return nil, err
	}
	return f.store.Load(ctx, ids)
}

// Find implements store.Store.
func (f *Faulty) Find(ctx context.Context, binding steps.Binding) (steps.Activation, error) {
	if _, err := f.begin(ctx, Find); err != nil {
		return steps.Activation{}, err
	}
	return f.store.Find(ctx, binding)
}

// History implements store.Store.
func (f *Faulty) History(ctx context.Context, ids []steps.ID) ([][]steps.Entry, error) {
	if _, err := f.begin(ctx, History); err != nil {
		return nil, err
	}
	return f.store.History(ctx, ids)
}

// Scan implements store.Store.
func (f *Faulty) Scan(ctx context.Context, after steps.ID, limit int) ([]store.Scanned, error) {
	if _, err := f.begin(ctx, Scan); err != nil {
		return nil, err
	}
	return f.store.Scan(ctx, after, limit)
}

// Evidence implements store.Store.
func (f *Faulty) Evidence(ctx context.Context, subjects []steps.Subject) ([]steps.Evidence, error) {
	if _, err := f.begin(ctx, Evidence); err != nil {
		return nil, err
	}
	return f.store.Evidence(ctx, subjects)
}

// Tallies implements store.Store.
func (f *Faulty) Tallies(ctx context.Context, subjects []steps.Subject) ([]steps.Tally, error) {
	if _, err := f.begin(ctx, Tallies); err != nil {
		return nil, err
	}
	return f.store.Tallies(ctx, subjects)
}

// Due implements store.Store.
func (f *Faulty) Due(ctx context.Context, now time.Time, limit int) ([]steps.ID, error) {
	if _, err := f.begin(ctx, Due); err != nil {
		return nil, err
	}
	return f.store.Due(ctx, now, limit)
}

// List implements store.Store.
func (f *Faulty) List(ctx context.Context, q store.Query) ([]steps.Activation, error) {
	if _, err := f.begin(ctx, List); err != nil {
		return nil, err
	}
	return f.store.List(ctx, q)
}

// Changes implements store.Store.
func (f *Faulty) Changes(ctx context.Context, after store.Cursor, limit int) ([]store.Told, error) {
	if _, err := f.begin(ctx, Changes); err != nil {
		return nil, err
	}
	return f.store.Changes(ctx, after, limit)
}

// Close implements store.Store. Batches that are yet to be written never are.
func (f *Faulty) Close() error { return f.store.Close() }

// Head implements store.Heads as far as the store does.
func (f *Faulty) Head(id steps.ID) (revision uint32, ok bool) {
	if heads, implemented := f.store.(store.Heads); implemented {
		return heads.Head(id)
	}
	return 0, false
}

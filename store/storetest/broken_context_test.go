package storetest

import (
	"context"
	"slices"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// ignoresContext gives the store a context that never ends.
type ignoresContext struct{ store.Store }

func (s ignoresContext) Load(ctx context.Context, ids []steps.ID) ([]steps.Activation, error) {
	return s.Store.Load(context.WithoutCancel(ctx), ids)
}

func (s ignoresContext) Find(ctx context.Context, binding steps.Binding) (steps.Activation, error) {
	return s.Store.Find(context.WithoutCancel(ctx), binding)
}

func (s ignoresContext) History(ctx context.Context, ids []steps.ID) ([][]steps.Entry, error) {
	return s.Store.History(context.WithoutCancel(ctx), ids)
}

func (s ignoresContext) Commit(ctx context.Context, changes []store.Change) []error {
	return s.Store.Commit(context.WithoutCancel(ctx), changes)
}

func (s ignoresContext) Scan(ctx context.Context, after steps.ID, limit int) ([]store.Scanned, error) {
	return s.Store.Scan(context.WithoutCancel(ctx), after, limit)
}

func (s ignoresContext) Tallies(ctx context.Context, subjects []steps.Subject) ([]steps.Tally, error) {
	return s.Store.Tallies(context.WithoutCancel(ctx), subjects)
}

func (s ignoresContext) Due(ctx context.Context, now time.Time, limit int) ([]steps.ID, error) {
	return s.Store.Due(context.WithoutCancel(ctx), now, limit)
}

func (s ignoresContext) Erase(ctx context.Context, erasures []store.Erasure) []error {
	return s.Store.Erase(context.WithoutCancel(ctx), erasures)
}

// writesFirst looks at the context when the write is done.
type writesFirst struct{ store.Store }

func (s writesFirst) Commit(ctx context.Context, changes []store.Change) []error {
	results := s.Store.Commit(context.WithoutCancel(ctx), changes)
	if err := ctx.Err(); err != nil {
		return slices.Repeat([]error{err}, len(changes))
	}
	return results
}

func (s writesFirst) Erase(ctx context.Context, erasures []store.Erasure) []error {
	results := s.Store.Erase(context.WithoutCancel(ctx), erasures)
	if err := ctx.Err(); err != nil {
		return slices.Repeat([]error{err}, len(erasures))
	}
	return results
}

package storetest

import (
	"context"
	"errors"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// findsNearest takes one member of a binding for all of it.
type findsNearest struct {
	store.Store
	same func(a, b steps.Binding) bool
}

func findsBy(same func(a, b steps.Binding) bool) func(store.Store) store.Store {
	return func(st store.Store) store.Store { return findsNearest{st, same} }
}

func (s findsNearest) Find(ctx context.Context, binding steps.Binding) (steps.Activation, error) {
	if found, err := s.Store.Find(ctx, binding); !errors.Is(err, store.ErrNotFound) {
		return found, err
	}
	listed, err := s.List(ctx, store.Query{})
	if err != nil {
		return steps.Activation{}, err
	}
	for _, a := range listed {
		if s.same(a.Binding, binding) {
			return a, nil
		}
	}
	return steps.Activation{}, store.ErrNotFound
}

type findsZero struct{ store.Store }

func (s findsZero) Find(ctx context.Context, binding steps.Binding) (steps.Activation, error) {
	found, err := s.Store.Find(ctx, binding)
	if errors.Is(err, store.ErrNotFound) {
		return steps.Activation{}, nil
	}
	return found, err
}

package storetest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// loadsRows answers with the rows that there are, in their own order.
type loadsRows struct{ store.Store }

func (s loadsRows) Load(ctx context.Context, ids []steps.ID) ([]steps.Activation, error) {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	loaded, err := s.Store.Load(ctx, slices.Compact(ids))
	return slices.DeleteFunc(loaded, func(a steps.Activation) bool { return a.StepsID == 0 }), err
}

// missesLoudly is an error where something is not there.
type missesLoudly struct{ store.Store }

func (s missesLoudly) Load(ctx context.Context, ids []steps.ID) ([]steps.Activation, error) {
	loaded, err := s.Store.Load(ctx, ids)
	if slices.ContainsFunc(loaded, func(a steps.Activation) bool { return a.StepsID == 0 }) {
		return nil, store.ErrNotFound
	}
	return loaded, err
}

func (s missesLoudly) History(ctx context.Context, ids []steps.ID) ([][]steps.Entry, error) {
	histories, err := s.Store.History(ctx, ids)
	if slices.ContainsFunc(histories, func(entries []steps.Entry) bool { return entries == nil }) {
		return nil, store.ErrNotFound
	}
	return histories, err
}

func (s missesLoudly) List(ctx context.Context, q store.Query) ([]steps.Activation, error) {
	listed, err := s.Store.List(ctx, q)
	if len(listed) == 0 {
		return nil, store.ErrNotFound
	}
	return listed, err
}

func (s missesLoudly) Changes(ctx context.Context, after store.Cursor, limit int) ([]store.Told, error) {
	told, err := s.Store.Changes(ctx, after, limit)
	if err == nil && len(told) == 0 {
		return nil, store.ErrNotFound
	}
	return told, err
}

func (s missesLoudly) Due(ctx context.Context, now time.Time, limit int) ([]steps.ID, error) {
	ids, err := s.Store.Due(ctx, now, limit)
	if err == nil && len(ids) == 0 {
		return nil, store.ErrNotFound
	}
	return ids, err
}

// wantsSomething does not take a call about nothing.
type wantsSomething struct{ store.Store }

var errNothing = errors.New("asked for nothing")

func (s wantsSomething) Load(ctx context.Context, ids []steps.ID) ([]steps.Activation, error) {
	if len(ids) == 0 {
		return nil, errNothing
	}
	return s.Store.Load(ctx, ids)
}

func (s wantsSomething) History(ctx context.Context, ids []steps.ID) ([][]steps.Entry, error) {
	if len(ids) == 0 {
		return nil, errNothing
	}
	return s.Store.History(ctx, ids)
}

func (s wantsSomething) Evidence(ctx context.Context, subjects []steps.Subject) ([]steps.Evidence, error) {
	if len(subjects) == 0 {
		return nil, errNothing
	}
	return s.Store.Evidence(ctx, subjects)
}

func (s wantsSomething) Tallies(ctx context.Context, subjects []steps.Subject) ([]steps.Tally, error) {
	if len(subjects) == 0 {
		return nil, errNothing
	}
	return s.Store.Tallies(ctx, subjects)
}

func (s wantsSomething) Erase(ctx context.Context, erasures []store.Erasure) []error {
	if len(erasures) == 0 {
		return []error{errNothing}
	}
	return s.Store.Erase(ctx, erasures)
}

func (s wantsSomething) Commit(ctx context.Context, changes []store.Change) []error {
	if len(changes) == 0 {
		return []error{errNothing}
	}
	return s.Store.Commit(ctx, changes)
}

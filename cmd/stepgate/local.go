package main

import (
	"context"
	"errors"
	"io/fs"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/associations"
	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// local is an engine in this process, with all that it stands on.
type local struct {
	*engine.Engine
	associations *associations.Registry
	checkers     checkers
	store        store.Store
}

// openLocal opens a store and an engine on it. Without a file of associations,
// own says whether an unknown carAssociationID is the caller's own.
func openLocal(p place, plansFile, associationsFile string, own bool) (*local, error) {
	plans, err := loadPlans(plansFile)
	if err != nil {
		return nil, err
	}
	l := new(local)
	if l.checkers, err = newCheckers(plansFile, plans); err != nil {
		return nil, err
	}
	if l.store, err = p.open(); err != nil {
		return nil, err
	}
	o := associations.Options{File: associationsFile, Journal: p.journal(), Plans: plans.Catalog}
	if own && associationsFile == "" {
		o.Own.Service = plans.Catalog.Plans()[0].Service
	}
	if l.associations, err = associations.Open(o); err != nil {
		return nil, errors.Join(associationsFailure(err), l.store.Close())
	}
	l.Engine, err = engine.New(l.store, engine.Options{
		Plans:        plans.Catalog,
		Associations: l.associations,
		Checkers:     l.checkers.bySteps(),
		Eligibility:  l.checkers.eligibility(plans),
	})
	if err != nil {
		return nil, errors.Join(err, l.associations.Close(), l.store.Close())
	}
	return l, nil
}

// Close waits for what is in flight, and gives back everything, the engine
// before what it stands on.
func (l *local) Close() error {
	l.Engine.Close()
	l.checkers.close()
	return errors.Join(l.associations.Close(), l.store.Close())
}

// ready returns nil where the store answers.
func (l *local) ready(ctx context.Context) error {
	_, err := l.store.Load(ctx, []steps.ID{1})
	return err
}

func associationsFailure(err error) error {
	if faults, ok := errors.AsType[*associations.Faults](err); ok {
		return &failure{code: exitUsage, err: faults}
	}
	next := "name a file that can be read with --associations"
	if errors.Is(err, fs.ErrPermission) {
		next = "let this user read it"
	}
	return &failure{code: exitUsage, err: err, next: next}
}

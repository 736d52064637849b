// Package engine judges events and keeps activations.
//
// An [Engine] is what an embedding service holds: it loads an activation, lets
// a pure function decide, commits once, and tells. Any number of engines, in
// one process or many, may share a store: a decision is made on the cache, and
// compare-and-swap in the store settles whether it stands.
package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Engine is safe for concurrent use. Make one with New.
//
// Every error is a *steps.Error; compare its condition with errors.Is and the
// sentinels of package steps. Where a call that changes something fails with
// steps.ErrTimeout or steps.ErrUnavailable the change may have been made: send
// the event again, and its verdict tells.
type Engine struct {
	store        store.Store
	heads        store.Heads // nil: the store knows no revision without I/O
	machines     map[planKey]*machine
	plans        steps.Catalog
	associations Associations
	checkers     map[string]Checker
	eligibility  Eligibility // nil: every vehicle is able
	checkTimeout time.Duration
	cache        *cache
	committer    *committer
	ids          idSource
	now          func() time.Time
}

type planKey struct {
	service string
	version uint32
}

// Options are what an engine may be told. The zero value works.
type Options struct {
	// Plans are the services' plans. Zero: steps.Default().
	Plans steps.Catalog
	// Associations tells what a carAssociationID means. Nil: OwnAssociations for
	// the first of Plans, which is for development.
	Associations Associations
	// Checkers are what the plans' steps call by name. New fails where one is
	// missing.
	Checkers map[string]Checker
	// Eligibility is asked before an activation is made. Nil: every vehicle is
	// able to have every service.
	Eligibility Eligibility
	// CheckTimeout is how long a checker may take, or Eligibility. Zero: 8 s, which is
	// enough for three attempts of package httpcheck.
	CheckTimeout time.Duration
	// CacheSize is how many activations are kept at hand; up to twice as many
	// are, of about 2 KiB each once activated. Zero: 32,768.
	CacheSize int
	// MaxWaiting is how many events may wait for their verdicts; what comes
	// above it is refused with steps.ErrUnavailable. Zero: 65,536.
	MaxWaiting int
	// Now is the clock. Nil: time.Now.
	Now func() time.Time
}

// New returns an engine on a store, or the first fault of a plan. The store
// stays the caller's: close the engine first, then the store.
func New(st store.Store, opts Options) (*Engine, error) {
	if len(opts.Plans.Plans()) == 0 {
		opts.Plans = steps.Default()
	}
	if opts.Associations == nil {
		opts.Associations = OwnAssociations{Service: opts.Plans.Plans()[0].Service}
	}
	if opts.CheckTimeout <= 0 {
		opts.CheckTimeout = 8 * time.Second
	}
	if opts.CacheSize <= 0 {
		opts.CacheSize = 32_768
	}
	if opts.MaxWaiting <= 0 {
		opts.MaxWaiting = 65_536
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	e := &Engine{
		store:        st,
		plans:        opts.Plans,
		associations: opts.Associations,
		checkers:     opts.Checkers,
		eligibility:  opts.Eligibility,
		checkTimeout: opts.CheckTimeout,
		cache:        newCache(opts.CacheSize),
		now:          func() time.Time { return store.Millis(opts.Now()) },
	}
	e.heads, _ = st.(store.Heads)
	e.committer = newCommitter(st, e.cache, e.now, opts.MaxWaiting)
	var err error
	if e.machines, err = compileAll(opts.Plans); err != nil {
		return nil, err
	}
	if err := e.checkCheckers(); err != nil {
		return nil, err
	}
	return e, nil
}

// checkCheckers returns which checker of a plan there is not, or nil.
func (e *Engine) checkCheckers() error {
	for _, plan := range e.plans.Plans() {
		for _, step := range plan.Steps {
			if step.Checker != "" && e.checkers[step.Checker] == nil {
				return steps.Invalid("plan", fmt.Sprintf("plan %q: step %q: there is no checker %q", plan.Service, step.Name, step.Checker))
			}
		}
	}
	return nil
}

// Close waits, as long as the store takes, for the changes that are on their way
// to it, and refuses later ones with steps.ErrUnavailable.
func (e *Engine) Close() { e.committer.close() }

// Plans returns the plans that the engine judges by.
func (e *Engine) Plans() steps.Catalog { return e.plans }

// machineOf returns the machine of an activation's plan, or why the record
// cannot be judged.
func (e *Engine) machineOf(a *steps.Activation) (*machine, error) {
	m := e.machines[planKey{a.Service, a.Plan}]
	if m == nil {
		return nil, &steps.Error{
			Code:   steps.CodeServer,
			Detail: "the plan of this activation is not among the engine's: start it with every version that is in use",
		}
	}
	if _, known := m.index[a.State]; !known || len(a.Proofs) != len(m.plan.Steps) {
		return nil, &steps.Error{Code: steps.CodeUnknown, Err: errors.New("activation " + a.StepsID.String() + " does not fit its plan")}
	}
	return m, nil
}

// load returns an activation at its newest durable revision, or ErrNotFound.
func (e *Engine) load(ctx context.Context, id steps.ID) (*steps.Activation, error) {
	if s := e.cache.get(id); s != nil && e.heads != nil {
		head := s.head.Load()
		if revision, ok := e.heads.Head(id); ok && revision == head.Revision {
			return head, nil
		}
	}
	found, err := e.store.Load(ctx, []steps.ID{id})
	if err != nil {
		return nil, failure(err)
	}
	if found[0].Revision == 0 {
		return nil, steps.ErrNotFound
	}
	return &found[0], nil
}

package engine

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// committer gathers what many callers ask into one durable write. The first
// caller to come opens a batch and leads it: it waits until the batch before
// is durable, and meanwhile others join. One batch is in flight at a time, so
// that an activation's events are judged one after the other, each on the
// outcome of the one before, also within a batch.
type committer struct {
	store store.Store
	cache *cache
	now   func() time.Time
	limit int // of ops that wait

	turn chan struct{} // holds a token for the leader whose batch is in flight

	mu      sync.Mutex
	open    *batch // the batch that callers join; nil: the next one opens it
	last    int    // how many ops the batch before had
	closed  bool
	leaders sync.WaitGroup

	// For the leader whose turn it is alone, kept from batch to batch.
	works   []work
	byID    map[steps.ID]int
	changes []store.Change
	changed []int // which work each change is of
}

// batch is one durable write to be.
type batch struct {
	ops  []*op
	done chan struct{} // closed when every op has its answer
}

// op is one thing asked of one activation: to create it, or to judge an event.
type op struct {
	slot   *slot
	create *store.Change // a new activation; nil: judge event
	event  *steps.Event
	caller *steps.Caller
	work   int

	// The answer.
	verdict steps.Verdict
	after   *steps.Activation
	err     error // of the store: nothing, or nobody knows what, became durable
}

// work is what a batch does to one activation.
type work struct {
	slot   *slot
	change store.Change
	after  *steps.Activation
	err    error
}

func newCommitter(st store.Store, c *cache, now func() time.Time, limit int) *committer {
	return &committer{
		store: st, cache: c, now: now, limit: limit,
		turn: make(chan struct{}, 1),
		byID: make(map[steps.ID]int),
	}
}

// do has ops judged and made durable, and returns when each has its answer. An
// error is about all of them: too many are waiting, the engine is closed, or
// ctx is over, in which case they may be judged all the same.
func (c *committer) do(ctx context.Context, ops ...*op) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b, leader, err := c.join(ops)
	switch {
	case err != nil:
		return err
	case leader && ctx.Done() == nil:
		c.lead(b)
		return nil
	case leader:
		go c.lead(b) // so that the caller's deadline holds while its batch goes on
	}
	select {
	case <-b.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// join adds ops to the open batch, or opens one for the caller to lead.
func (c *committer) join(ops []*op) (b *batch, leader bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, false, store.ErrClosed
	}
	b = c.open
	switch {
	case b == nil:
		leader = true
		b = &batch{ops: make([]*op, 0, c.last+len(ops)), done: make(chan struct{})}
		c.open = b
		c.leaders.Add(1)
	case len(b.ops)+len(ops) > c.limit:
		return nil, false, errBusy
	}
	b.ops = append(b.ops, ops...)
	return b, leader, nil
}

// lead takes a batch from its opening to its answers.
func (c *committer) lead(b *batch) {
	defer c.leaders.Done()
	c.turn <- struct{}{}
	c.gather(b)
	c.judge(b.ops)
	c.commit()
	c.answer(b.ops)
	close(b.done)
	<-c.turn
}

// gatherYields is how often a leader yields between two looks at its batch.
const gatherYields = 4

// gather closes a batch to joiners. The callers of the batch before are just
// waking, and most will be back at once: while they keep coming, the leader
// lets them.
func (c *committer) gather(b *batch) {
	for before := 0; ; {
		c.mu.Lock()
		n := len(b.ops)
		if n == before || n >= c.last {
			c.open, c.last = nil, n
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()
		before = n
		for range gatherYields {
			runtime.Gosched()
		}
	}
}

// judge decides every op, those of one activation each on the outcome of the
// one before.
func (c *committer) judge(ops []*op) {
	c.works = c.works[:0]
	clear(c.byID)
	now := c.now()
	for _, o := range ops {
		if !c.workOf(o) {
			o.err = store.ErrConflict
			continue
		}
		w := &c.works[o.work]
		if o.create == nil {
			d := w.slot.machine.decide(w.after, &w.slot.past, o.event, o.caller, now)
			o.verdict = d.verdict
			if d.entry != nil {
				w.slot.past.add(d.entry)
				w.change.Entries = append(w.change.Entries, *d.entry)
				w.after = d.after
			}
		}
		o.after = w.after
	}
}

// workOf finds or begins the work on an op's activation. It reports false where
// what the op was to be decided on is no longer true.
func (c *committer) workOf(o *op) bool {
	id := o.slot.id
	i, begun := c.byID[id]
	switch {
	case begun && o.create != nil:
		return false // two drew the same ID
	case begun:
		o.work = i
		return true
	case o.slot.lost:
		return false
	}
	w := work{slot: o.slot, after: o.slot.head.Load()}
	if o.create != nil {
		w.change, w.after = *o.create, &o.create.Activation
	} else {
		w.change.From = w.after.Revision
	}
	o.work = len(c.works)
	c.byID[id] = o.work
	c.works = append(c.works, w)
	return true
}

// commit makes the works durable that changed something.
func (c *committer) commit() {
	c.changes, c.changed = c.changes[:0], c.changed[:0]
	for i := range c.works {
		if w := &c.works[i]; len(w.change.Entries) > 0 {
			w.change.Activation = *w.after
			c.changes = append(c.changes, w.change)
			c.changed = append(c.changed, i)
		}
	}
	if len(c.changes) == 0 {
		return
	}
	results := c.store.Commit(context.Background(), c.changes)
	for i, err := range results {
		w := &c.works[c.changed[i]]
		if w.err = err; err != nil {
			w.slot.lost = true // its past now tells of what may not be
			c.cache.drop(w.slot)
			continue
		}
		w.slot.head.Store(w.after)
	}
}

// answer gives each op of a failed work its error.
func (c *committer) answer(ops []*op) {
	for _, o := range ops {
		if o.err == nil {
			o.err = c.works[o.work].err
		}
	}
	clear(c.works)
	clear(c.changes)
}

// close waits for the batches that were opened, and lets no more be.
func (c *committer) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.leaders.Wait()
}

package engine

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// committer gathers what many callers ask into one durable write. A caller has
// its ops judged as it joins the open batch, each on the outcome of the one
// before of the same activation. The first to join leads the batch: when the
// batch before is durable, it makes this one so.
//
// What is judged in a batch may thus rest on what the batch before has not yet
// made durable. Should that fail, what rests on it fails too, and its callers
// begin again with what is durable.
type committer struct {
	store store.Store
	cache *cache
	now   func() time.Time
	limit int // of ops that wait

	turn chan struct{} // holds a token while a batch is on its way to the store

	mu      sync.Mutex
	open    *batch // the batch that callers join; nil: the next one opens it
	last    int    // how many ops the batch before had
	closed  bool
	leaders sync.WaitGroup
}

// batch is one durable write to be.
type batch struct {
	works []*work
	byID  map[steps.ID]*work
	size  atomic.Int64  // how many ops have joined
	done  chan struct{} // closed when every op has its answer
}

// op is one thing asked of one activation: to create it, or to judge an event.
type op struct {
	slot   *slot
	create *store.Change // a new activation; nil: judge event
	event  *steps.Event
	caller *steps.Caller
	work   *work

	// The answer, besides that of the work.
	verdict steps.Verdict
	after   *steps.Activation
	err     error
}

// failed returns why an op has no verdict, or nil.
func (o *op) failed() error {
	if o.err == nil && o.work != nil {
		return o.work.err
	}
	return o.err
}

// work is what a batch does to one activation.
type work struct {
	slot   *slot
	change store.Change // without entries: nothing
	err    error        // of the store: nothing, or nobody knows what, became durable
}

func newCommitter(st store.Store, c *cache, now func() time.Time, limit int) *committer {
	return &committer{store: st, cache: c, now: now, limit: limit, turn: make(chan struct{}, 1)}
}

// do has ops judged and made durable, and returns when each has its answer. An
// error is about all of them: too many are waiting, the engine is closed, or
// ctx is over, in which case they may be judged all the same.
func (c *committer) do(ctx context.Context, ops ...*op) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b, leads, err := c.join(ops)
	switch {
	case err != nil:
		return err
	case leads && ctx.Done() == nil:
		c.lead(b)
		return nil
	case leads:
		go c.lead(b) // so that the caller's deadline holds while its batch goes on
	}
	select {
	case <-b.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// join judges ops into the open batch, or into a new one for the caller to
// lead.
func (c *committer) join(ops []*op) (b *batch, leads bool, err error) {
	now := c.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, false, store.ErrClosed
	}
	b = c.open
	switch {
	case b == nil:
		leads = true
		b = &batch{works: make([]*work, 0, c.last), byID: make(map[steps.ID]*work, c.last), done: make(chan struct{})}
		c.open = b
		c.leaders.Add(1)
	case int(b.size.Load())+len(ops) > c.limit:
		return nil, false, errBusy
	}
	for _, o := range ops {
		b.judge(o, now)
	}
	b.size.Add(int64(len(ops)))
	return b, leads, nil
}

// judge decides an op on what its activation will be by then.
func (b *batch) judge(o *op, now time.Time) {
	w := b.byID[o.slot.id]
	switch {
	case w != nil && o.create != nil, w == nil && o.slot.lost:
		o.err = store.ErrConflict // the ID was drawn twice; or what the op rests on never was
		return
	case w == nil:
		w = &work{slot: o.slot}
		b.works = append(b.works, w)
		b.byID[o.slot.id] = w
	}
	o.work = w
	s := w.slot
	if o.create != nil {
		w.change = *o.create
		s.next = &o.create.Activation
	} else {
		d := s.machine.decide(s.next, &s.past, o.event, o.caller, now)
		o.verdict = d.verdict
		if d.entry != nil {
			if len(w.change.Entries) == 0 {
				w.change.From = s.next.Revision
			}
			w.change.Entries = append(w.change.Entries, *d.entry)
			w.change.Activation = *d.after
			s.next = d.after
			s.past.add(d.entry)
		}
	}
	o.after = s.next
}

// lead makes a batch durable when its turn has come, and answers.
func (c *committer) lead(b *batch) {
	defer c.leaders.Done()
	c.turn <- struct{}{}
	c.gather(b)
	c.commit(b)
	close(b.done)
	<-c.turn
}

// patience is how often a leader yields while nobody joins.
const patience = 32

// gather closes a batch to joiners. The callers of the batch before are just
// waking, and most will be back at once: while they keep coming, the leader
// lets them.
func (c *committer) gather(b *batch) {
	last := int64(c.last)
	for idle, before := 0, int64(0); idle < patience; idle++ {
		size := b.size.Load()
		if size >= last {
			break
		}
		if size > before {
			idle, before = 0, size
		}
		runtime.Gosched()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = nil
	c.last = int(b.size.Load())
}

// commit makes the works of a closed batch durable.
func (c *committer) commit(b *batch) {
	changed := c.standing(b.works)
	if len(changed) == 0 {
		return
	}
	changes := make([]store.Change, len(changed))
	for i, w := range changed {
		changes[i] = w.change
	}
	for i, err := range c.store.Commit(context.Background(), changes) {
		w := changed[i]
		if w.err = err; err == nil {
			w.slot.head.Store(&w.change.Activation)
		} else {
			c.lose(w.slot)
		}
	}
}

// standing returns the works that change something. Those that rest on what the
// batch before lost fail: somebody else's change may have taken its revision,
// and compare-and-swap would take theirs for its successors.
func (c *committer) standing(works []*work) []*work {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed := make([]*work, 0, len(works))
	for _, w := range works {
		switch {
		case w.slot.lost:
			w.err = store.ErrConflict
		case len(w.change.Entries) > 0:
			changed = append(changed, w)
		}
	}
	return changed
}

// lose forgets a slot whose next may never be.
func (c *committer) lose(s *slot) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.lost = true
	c.cache.drop(s)
}

// close waits for the batches that were opened, and lets no more be.
func (c *committer) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.leaders.Wait()
}

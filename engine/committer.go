package engine

import (
	"context"
	"fmt"
	"runtime"
	"sync"
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

	turn  chan struct{} // holds a token while a batch is on its way to the store
	quick time.Time     // until then leaders do not wait for joiners; of whose turn it is

	mu      sync.Mutex
	open    *batch // the batch that callers join; nil: the next one opens it
	waiting int    // ops without their answer
	callers int    // how many ops had come when the batch before was durable
	closed  bool
	leaders sync.WaitGroup
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
	switch {
	case c.closed:
		return nil, false, store.ErrClosed
	case c.waiting > 0 && c.waiting+len(ops) > c.limit:
		return nil, false, errBusy
	}
	if b = c.open; b == nil {
		leads = true
		b = &batch{works: make([]*work, 0, c.callers), byID: make(map[steps.ID]*work, c.callers), done: make(chan struct{})}
		c.open = b
		c.leaders.Add(1)
	}
	var waiting map[steps.ID]bool // whose events cannot overtake one that lacks facts
	for _, o := range ops {
		if waiting[o.slot.id] {
			o.err = errNeeds
			continue
		}
		if b.judge(o, now); o.err == errNeeds {
			if waiting == nil {
				waiting = make(map[steps.ID]bool)
			}
			waiting[o.slot.id] = true
		}
	}
	b.size.Add(int64(len(ops)))
	c.waiting += len(ops)
	return b, leads, nil
}

// lead makes a batch durable when its turn has come, and answers.
func (c *committer) lead(b *batch) {
	defer c.leaders.Done()
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	defer close(b.done)
	c.gather(b)
	c.commit(b)
}

// How long a leader waits for joiners: while they keep coming, with so many
// yields between two. Where one yield takes longer than maxYield the processors
// have other work, and leaders do not wait at all for hurry times as long.
const (
	patience = 32
	maxYield = 200 * time.Microsecond
	hurry    = 10
)

// gather closes a batch to joiners. The callers of the batch before are just
// waking, and most will be back at once: while they keep coming, the leader
// lets them.
func (c *committer) gather(b *batch) {
	callers := int64(c.callers)
	yielded := time.Now()
	for idle, before := 0, int64(0); idle < patience && yielded.After(c.quick); idle++ {
		size := b.size.Load()
		if size >= callers {
			break
		}
		if size > before {
			idle, before = 0, size
		}
		runtime.Gosched()
		now := time.Now()
		if took := now.Sub(yielded); took > maxYield {
			c.quick = now.Add(hurry * took)
		}
		yielded = now
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = nil
}

// commit makes the works of a closed batch durable. What the store does not
// say is durable, even by a panic, may be or not.
func (c *committer) commit(b *batch) {
	changed := c.standing(b.works)
	changes := make([]store.Change, len(changed))
	for i, w := range changed {
		changes[i] = w.change()
		w.err = errUnanswered
	}
	defer c.publish(b, changed)
	if len(changes) == 0 {
		return
	}
	results := c.store.Commit(context.Background(), changes)
	if len(results) != len(changes) {
		return
	}
	for i, w := range changed {
		w.err = results[i]
	}
}

var errUnanswered = fmt.Errorf("%w: it did not answer for the change", store.ErrUnavailable)

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
		case len(w.entries) > 0:
			changed = append(changed, w)
		}
	}
	return changed
}

// publish shows what is durable, and forgets the slots whose next may never
// be.
func (c *committer) publish(b *batch, changed []*work) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.callers = c.waiting
	c.waiting -= int(b.size.Load())
	for _, w := range changed {
		if w.err == nil {
			w.slot.head.Store(w.after)
			continue
		}
		w.slot.lost = true
		c.cache.drop(w.slot)
	}
}

// close waits for the batches that were opened, and lets no more be.
func (c *committer) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.leaders.Wait()
}

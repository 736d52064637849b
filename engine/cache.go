package engine

import (
	"sync"
	"sync/atomic"

	"github.com/stepgate/stepgate/steps"
)

// slot is an activation in the cache. Its head is what a commit last made
// durable, as far as this engine knows; compare-and-swap, never the cache,
// settles what is decided on it.
type slot struct {
	id   steps.ID
	head atomic.Pointer[steps.Activation]

	// Guarded by the committer.
	machine *machine          // of next
	next    *steps.Activation // what head will be when the batches under way are durable
	past    past              // the events that led to next
	lost    bool              // a commit failed, so next may never be: load the activation again
}

// cache keeps the slots that were used last: at least size, at most twice as
// many. It has two generations: when the young one is full it becomes the old
// one, and what the old one held is forgotten.
type cache struct {
	size int

	mu    sync.Mutex
	young map[steps.ID]*slot
	old   map[steps.ID]*slot
}

func newCache(size int) *cache {
	return &cache{size: size, young: make(map[steps.ID]*slot)}
}

// get returns the slot of an activation, or nil.
func (c *cache) get(id steps.ID) *slot {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.young[id]
	if s == nil {
		if s = c.old[id]; s != nil {
			c.putLocked(s)
		}
	}
	return s
}

// put keeps a slot and returns it, or the one that is there already and is not
// older.
func (c *cache) put(s *slot) *slot {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, there := range []*slot{c.young[s.id], c.old[s.id]} {
		if there != nil && there.head.Load().Revision >= s.head.Load().Revision {
			return there
		}
	}
	c.putLocked(s)
	return s
}

func (c *cache) putLocked(s *slot) {
	if len(c.young) >= c.size {
		c.old, c.young = c.young, make(map[steps.ID]*slot, c.size)
	}
	c.young[s.id] = s
}

// forget forgets the slot of an activation.
func (c *cache) forget(id steps.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.young, id)
	delete(c.old, id)
}

// drop forgets a slot, if it is still the activation's.
func (c *cache) drop(s *slot) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.young[s.id] == s {
		delete(c.young, s.id)
	}
	if c.old[s.id] == s {
		delete(c.old, s.id)
	}
}

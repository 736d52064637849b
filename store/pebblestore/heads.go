package pebblestore

import (
	"math/bits"
	"sync"

	"github.com/stepgate/stepgate/steps"
)

// heads remembers at which durable revision activations are: a fixed table, of
// which an ID may take any of the ways of one row. A full row gives up its
// lowest ID, which is its oldest activation.
type heads struct {
	mu    sync.Mutex
	rows  [][headWays]head
	shift int      // of a hash, to the number of a row
	floor steps.ID // whatever exists above it is in the table
}

type head struct {
	id       steps.ID
	revision uint32
}

const headWays = 4

// newHeads makes a table for size activations, rounded up to a power of two.
// Existing activations have IDs up to floor.
func newHeads(size int, floor steps.ID) *heads {
	rowBits := bits.Len(uint(max(size, 2*headWays)-1) / headWays)
	return &heads{
		rows:  make([][headWays]head, 1<<rowBits),
		shift: 64 - rowBits,
		floor: floor,
	}
}

func (h *heads) row(id steps.ID) *[headWays]head {
	const golden = 0x9e3779b97f4a7c15 // spreads IDs that differ in few bits
	return &h.rows[uint64(id)*golden>>h.shift]
}

// get returns an activation's revision, and whether it is known: 0 is then that
// there is no such activation.
func (h *heads) get(id steps.ID) (revision uint32, known bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	row := h.row(id)
	for i := range row {
		if row[i].id == id {
			return row[i].revision, true
		}
	}
	return 0, id > h.floor
}

// putAll remembers where activations moved.
func (h *heads) putAll(moves []move) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range moves {
		h.put(head{m.id, m.to})
	}
}

func (h *heads) put(n head) {
	row := h.row(n.id)
	victim := 0
	for i := range row {
		if row[i].id == n.id {
			row[i] = n
			return
		}
		if row[i].id < row[victim].id {
			victim = i
		}
	}
	h.floor = max(h.floor, row[victim].id)
	row[victim] = n
}

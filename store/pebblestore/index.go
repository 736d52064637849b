package pebblestore

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// index keeps the keys by which List finds activations of a state or a service.
// They follow from the feed, and are written behind it: a commit only notes
// where its activations went, and one goroutine writes the sum of many commits
// when enough have come together, when List needs it, and at the end. The notes
// of a process that died are made again from the feed.
type index struct {
	db    *pebble.DB
	every int // how many changes may be noted

	mu      sync.Mutex
	notes   []note
	reached uint64 // the sequence up to which the feed is noted
	err     error  // why the index is not written any more

	requests chan chan error // asks to write what is noted, and whom to tell
	full     chan struct{}   // holds one where enough is noted
	closing  chan struct{}   // closed when the goroutine is to end
	done     chan struct{}   // closed when it has
}

// note is where a change led an activation.
type note struct {
	id steps.ID
	transition
}

// transition is how a change, or several, moved an activation.
type transition struct {
	before  steps.State // "": it is new
	after   steps.State
	service string // of a new one
}

func transitionOf(c *store.Change) transition {
	t := transition{before: c.Entries[0].Before, after: c.Activation.State}
	if c.From == 0 {
		t.service = c.Activation.Service
	}
	return t
}

func newIndex(db *pebble.DB, every int, reached uint64) *index {
	return &index{
		db: db, every: every,
		reached:  reached,
		requests: make(chan chan error),
		full:     make(chan struct{}, 1),
		closing:  make(chan struct{}),
		done:     make(chan struct{}),
	}
}

// add notes the changes of a group, up to a sequence of the feed.
func (x *index) add(requests []*request, reached uint64) {
	x.mu.Lock()
	for _, r := range requests {
		for i := range r.changes {
			if r.results[i] == nil && x.err == nil {
				x.notes = append(x.notes, note{r.changes[i].id, r.changes[i].transition})
			}
		}
	}
	x.reached = reached
	enough := len(x.notes) >= x.every
	x.mu.Unlock()
	if enough {
		select {
		case x.full <- struct{}{}:
		default:
		}
	}
}

// run makes up for what the index lacks of the feed behind the sequence from,
// and then writes what is noted whenever it is asked to, and at its end.
func (x *index) run(from uint64, to mark) {
	defer close(x.done)
	x.fail(x.catchUp(from, to))
	for {
		select {
		case reply := <-x.requests:
			reply <- x.write()
		case <-x.full:
			_ = x.write() // whoever needs the index gets the error
		case <-x.closing:
			_ = x.write()
			return
		}
	}
}

// write writes what is noted, unless that failed before.
func (x *index) write() error {
	if err := x.failed(); err != nil {
		return err
	}
	return x.fail(x.flush())
}

func (x *index) failed() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.err
}

// fail returns err, and where it is one, ends the writing of the index: what
// comes later must not hide what is missing.
func (x *index) fail(err error) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err != nil {
		x.err, x.notes = err, nil
	}
	return err
}

// close writes what is noted, and ends the goroutine.
func (x *index) close() {
	close(x.closing)
	<-x.done
}

// indexBatch is how many activations are written at once: few enough that no
// commit waits noticeably.
const indexBatch = 512

// flush writes what is noted.
func (x *index) flush() error {
	x.mu.Lock()
	notes, reached := x.notes, x.reached
	x.notes = make([]note, 0, min(2*len(notes), x.every))
	x.mu.Unlock()
	if len(notes) == 0 {
		return nil
	}
	notes = sumUp(notes)
	for chunk := range slices.Chunk(notes, indexBatch) {
		b := x.db.NewBatch()
		for _, n := range chunk {
			if err := putIndex(b, n.id, n.transition); err != nil {
				return err
			}
		}
		if chunk[len(chunk)-1].id == notes[len(notes)-1].id {
			if err := putCursor(b, reached); err != nil {
				return err
			}
		}
		if err := apply(x.db, b); err != nil {
			return err
		}
	}
	return nil
}

// sumUp makes one note an activation, in the order of their IDs.
func sumUp(notes []note) []note {
	at := make(map[steps.ID]int, len(notes))
	sums := notes[:0]
	for _, n := range notes {
		if i, ok := at[n.id]; ok {
			sums[i].after = n.after
			continue
		}
		at[n.id] = len(sums)
		sums = append(sums, n)
	}
	slices.SortFunc(sums, func(a, b note) int { return cmp.Compare(a.id, b.id) })
	return sums
}

// apply writes index keys. They need no sync: what is lost is made again.
func apply(db *pebble.DB, b *pebble.Batch) error {
	defer b.Close()
	return fromPebble(db.Apply(b, pebble.NoSync))
}

func putIndex(b *pebble.Batch, id steps.ID, t transition) error {
	var space [128]byte
	if t.before != "" && t.before != t.after {
		if err := b.Delete(appendIndexKey(space[:0], stateKind, string(t.before), id), nil); err != nil {
			return err
		}
	}
	if t.service != "" {
		if err := b.Set(appendIndexKey(space[:0], serviceKind, t.service, id), nil, nil); err != nil {
			return err
		}
	}
	return b.Set(appendIndexKey(space[:0], stateKind, string(t.after), id), nil, nil)
}

func putCursor(b *pebble.Batch, reached uint64) error {
	return b.Set(indexCursorKey, binary.BigEndian.AppendUint64(nil, reached), nil)
}

// flushIndex waits until the index reaches everything that is durable.
func (s *Store) flushIndex(ctx context.Context) error {
	reply := make(chan error, 1)
	select {
	case s.index.requests <- reply:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.disk.down:
		return s.down()
	}
	select {
	case err := <-reply:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-s.disk.down:
		return s.down()
	}
}

package pebblestore

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// index keeps the keys by which List and Due find activations: those of a user,
// of a state, of a service, and those that change by themselves. They follow
// from the feed, and are written behind it: a commit only notes where its
// activations went, and one goroutine writes the sum of many commits when enough
// have come together, when a call needs it, and at the end. The notes of a
// process that died are made again from the feed.
type index struct {
	db    *pebble.DB
	every int // how many changes may be noted

	mu      sync.Mutex
	notes   []note
	reached uint64 // the sequence up to which the feed is noted
	err     error  // why the index is not written any more

	dated bool // there are activations that are due some day; for the goroutine alone

	requests chan chan error // asks to write what is noted, and whom to tell
	full     chan struct{}   // holds one where enough is noted
	closing  chan struct{}   // closed when the goroutine is to end
	done     chan struct{}   // closed when it has
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

// add notes where the changes of a group led, up to a sequence of the feed.
func (x *index) add(notes []note, reached uint64) {
	x.mu.Lock()
	if x.err == nil {
		x.notes = append(x.notes, notes...)
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
	it, err := x.db.NewIter(nil)
	if err != nil {
		return fromPebble(err)
	}
	defer it.Close()
	for chunk := range slices.Chunk(notes, indexBatch) {
		b := x.db.NewBatch()
		if err := x.put(b, it, chunk); err != nil {
			return err
		}
		if chunk[len(chunk)-1].id == notes[len(notes)-1].id {
			if err := putSequence(b, indexCursorKey, reached); err != nil {
				return err
			}
		}
		if err := apply(x.db, b); err != nil {
			return err
		}
	}
	return nil
}

// put adds the keys of notes to a batch, those of one kind after the other.
func (x *index) put(b *pebble.Batch, it *pebble.Iterator, notes []note) error {
	for _, put := range []func(*note) error{
		func(n *note) error { return n.putState(b) },
		func(n *note) error { return x.putDue(b, it, n) },
		func(n *note) error { return n.putService(b) },
		func(n *note) error { return n.putUser(b) },
	} {
		for i := range notes {
			if err := put(&notes[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// putDue adds the key of when an activation is due. When it was due before stands
// in the change before; none is read while no activation is ever due.
func (x *index) putDue(b *pebble.Batch, it *pebble.Iterator, n *note) error {
	before := int64(never)
	if x.dated && n.from > 0 {
		c, err := readChange(it, n.id, n.from)
		if err != nil {
			return fmt.Errorf("activation %s: revision %d: %w", n.id, n.from, err)
		}
		before = dueOf(&c.Activation)
	}
	x.dated = x.dated || n.due != never
	return n.putDue(b, before)
}

// apply writes index keys. They need no sync: what is lost is made again.
func apply(db *pebble.DB, b *pebble.Batch) error {
	defer b.Close()
	return fromPebble(db.Apply(b, pebble.NoSync))
}

func putSequence(b *pebble.Batch, key []byte, reached uint64) error {
	return b.Set(key, binary.BigEndian.AppendUint64(nil, reached), nil)
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

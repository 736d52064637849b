package pebblestore

import (
	"fmt"
	"runtime/debug"

	"github.com/cockroachdb/pebble/v2"

	"github.com/stepgate/stepgate/steps"
)

// writer is the one goroutine that changes activations. It takes whatever
// requests wait, checks each change on what the ones before it left, and
// writes those that hold in one batch: a group. There is one group at a time
// on its way to the disk.
//
// It is a goroutine of its own, and callers wait on channels, since Pebble
// cannot be interrupted: whatever becomes of the disk, callers get an answer.
type writer struct {
	*Store
	end mark // of the feed

	// Of the group, kept from one to the next.
	taken    []*request
	moved    map[steps.ID]uint32 // the revisions of its activations
	bindings map[[bindingKeyLen]byte]struct{}
	admitted []*prepared
	overlay  overlay
	lookup   *lookup // of what was known before it; nil: no guard asked yet
	moves    []move
	notes    []note
	feed     []byte
}

// maxGroup is at how many changes a group takes no more requests.
const maxGroup = 4096

func newWriter(s *Store, end mark) *writer {
	return &writer{
		Store:    s,
		end:      end,
		moved:    make(map[steps.ID]uint32),
		bindings: make(map[[bindingKeyLen]byte]struct{}),
		overlay:  overlay{known: make(map[subjectKey]known)},
	}
}

// run writes until the store is closing.
func (w *writer) run() {
	defer close(w.written)
	defer func() {
		if r := recover(); r != nil {
			w.disk.fail(fmt.Errorf("panic: %v\n%s", r, debug.Stack()))
		}
	}()
	for {
		var err error
		select {
		case r := <-w.commits:
			w.gather(r)
			err = w.write()
		case r := <-w.erasures:
			err = w.erase(r)
		case <-w.closing:
			return
		}
		if err != nil {
			w.disk.fail(err)
			return
		}
	}
}

// gather takes the requests that wait, of which first is one.
func (w *writer) gather(first *request) {
	w.taken = append(w.taken[:0], first)
	for n := len(first.changes); n < maxGroup; {
		select {
		case r := <-w.commits:
			w.taken = append(w.taken, r)
			n += len(r.changes)
		default:
			return
		}
	}
}

// write makes a group of the gathered requests durable and answers them. An
// error is one after which nothing can be written any more.
func (w *writer) write() error {
	batch := w.db.NewBatch()
	changes, effects := 0, 0
	for _, r := range w.taken {
		changes, effects = changes+len(r.changes), effects+len(r.effects)
	}
	g := newGroup(changes, effects)
	if err := w.fill(batch, g); err != nil {
		return err
	}
	if len(w.moves) > 0 {
		if err := w.commit(batch, g); err != nil {
			return err
		}
	}
	for i, r := range w.taken {
		w.taken[i] = nil
		r.done <- struct{}{}
	}
	return batch.Close() // not where anything failed: Pebble may still have it
}

// fill puts the changes that hold into batch and into g. Keys of one kind come
// one after the other: Pebble sorts a key in faster where the one before it lies
// near.
func (w *writer) fill(batch *pebble.Batch, g *group) error {
	w.reset()
	defer w.endLookup()
	for _, r := range w.taken {
		for i := range r.changes {
			p := &r.changes[i]
			if r.results[i] = w.admit(p); r.results[i] != nil {
				continue
			}
			if err := batch.Set(p.change.key, p.change.value, nil); err != nil {
				return err
			}
			w.include(g, p)
		}
	}
	for _, p := range w.admitted {
		if err := p.putBinding(batch); err != nil {
			return err
		}
	}
	for _, p := range w.admitted {
		if err := p.putEffects(batch); err != nil {
			return err
		}
	}
	return nil
}

// commit writes a filled batch, returns when it is on the disk, and publishes it.
func (w *writer) commit(batch *pebble.Batch, g *group) error {
	var end mark
	w.feed, end = appendGroup(w.feed[:0], w.end, w.moves)
	if err := batch.Set(w.feed[:feedKeyLen], w.feed[feedKeyLen:], nil); err != nil {
		return err
	}
	w.inFlight.Store(g)
	durably := pebble.Sync
	if w.opts.noSync {
		durably = pebble.NoSync
	}
	if err := w.db.Apply(batch, durably); err != nil {
		return err
	}
	w.end = end
	w.publish()
	w.inFlight.Store(nil)
	close(g.done)
	return nil
}

// publish tells the rest of the store what has become durable.
func (w *writer) publish() {
	w.heads.putAll(w.moves)
	w.index.add(w.notes, w.end.sequence)
	end := w.end
	w.durable.Store(&end)
	w.sealer.wake()
}

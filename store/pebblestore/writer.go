package pebblestore

import (
	"bytes"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
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
	moves    []move
	news     []head
	feed     []byte
}

// group is what is on its way to the disk: visible in Pebble, and not to be
// told to anybody yet.
type group struct {
	ids      []steps.ID
	evidence [][]byte      // the keys of evidence that it changes
	done     chan struct{} // closed when it is durable
}

// maxGroup is at how many changes a group takes no more requests.
const maxGroup = 4096

func newWriter(s *Store, end mark) *writer {
	return &writer{
		Store:    s,
		end:      end,
		moved:    make(map[steps.ID]uint32),
		bindings: make(map[[bindingKeyLen]byte]struct{}),
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
		select {
		case r := <-w.requests:
			w.gather(r)
			if err := w.write(); err != nil {
				w.disk.fail(err)
				return
			}
		case <-w.closing:
			return
		}
	}
}

// gather takes the requests that wait, of which first is one.
func (w *writer) gather(first *request) {
	w.taken = append(w.taken[:0], first)
	for n := len(first.changes); n < maxGroup; {
		select {
		case r := <-w.requests:
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
	g := &group{done: make(chan struct{})}
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

// fill puts the changes that hold into batch and into g.
func (w *writer) fill(batch *pebble.Batch, g *group) error {
	clear(w.moved)
	clear(w.bindings)
	w.moves, w.news = w.moves[:0], w.news[:0]
	for _, r := range w.taken {
		for i := range r.changes {
			p := &r.changes[i]
			if r.results[i] = w.admit(p); r.results[i] != nil {
				continue
			}
			if err := p.put(batch); err != nil {
				return err
			}
			w.moved[p.id] = p.to
			w.moves = append(w.moves, p.move)
			w.news = append(w.news, head{p.id, p.to})
			g.ids = append(g.ids, p.id)
			g.evidence = append(g.evidence, p.withdrawn...)
			for _, r := range p.proven {
				g.evidence = append(g.evidence, bytes.Clone(r.key))
			}
		}
	}
	return nil
}

// admit returns why a change does not hold, or nil.
func (w *writer) admit(p *prepared) error {
	if p.err != nil {
		return p.err
	}
	at, err := w.head(p.id)
	switch {
	case err != nil:
		return fmt.Errorf("activation %s: %w", p.id, err)
	case p.from == 0 && at != 0:
		return fmt.Errorf("activation %s: %w", p.id, store.ErrExists)
	case p.from != at:
		return fmt.Errorf("activation %s is at revision %d, not %d: %w", p.id, at, p.from, store.ErrConflict)
	case p.from != 0:
		return nil
	}
	return w.bind(p)
}

// head returns the revision of an activation, 0 where there is none.
func (w *writer) head(id steps.ID) (uint32, error) {
	if revision, ok := w.moved[id]; ok {
		return revision, nil
	}
	if revision, ok := w.heads.get(id); ok {
		return revision, nil
	}
	it, err := w.db.NewIter(nil)
	if err != nil {
		return 0, fromPebble(err)
	}
	defer it.Close()
	prefix := appendChangePrefix(nil, id)
	if it.SeekLT(appendChangePrefix(nil, id+1)) && bytes.HasPrefix(it.Key(), prefix) {
		return changeKeyRevision(it.Key()), nil
	}
	return 0, fromPebble(it.Error())
}

// bind takes the binding of a new activation, or returns store.ErrExists.
func (w *writer) bind(p *prepared) error {
	key := [bindingKeyLen]byte(p.binding.key)
	_, taken := w.bindings[key]
	if !taken && w.filter.mayHave(key[:]) {
		_, closer, err := w.db.Get(key[:])
		if err == nil {
			taken = true
			closer.Close()
		} else if !errors.Is(err, pebble.ErrNotFound) {
			return fmt.Errorf("the binding of activation %s: %w", p.id, fromPebble(err))
		}
	}
	if taken {
		return fmt.Errorf("the binding of activation %s: %w", p.id, store.ErrExists)
	}
	w.bindings[key] = struct{}{}
	w.filter.add(key[:])
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
	w.heads.putAll(w.news)
	w.index.add(w.taken, w.end.sequence)
	end := w.end
	w.durable.Store(&end)
	w.sealer.wake()
}

func (g *group) has(id steps.ID) bool { return slices.Contains(g.ids, id) }

func (g *group) changesEvidence(keys [][]byte) bool {
	return slices.ContainsFunc(g.evidence, func(changed []byte) bool {
		return slices.ContainsFunc(keys, func(key []byte) bool { return bytes.Equal(key, changed) })
	})
}

package pebblestore

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/wire"
)

// request is a Commit on its way through the writer. It holds no memory of the
// caller's, who may be gone before the writer is done.
type request struct {
	changes []prepared
	results []error
	buf     []byte        // what changes point into
	done    chan struct{} // gets one when the writer is done with the request
}

var requests = sync.Pool{New: func() any { return &request{done: make(chan struct{}, 1)} }}

// prepared is a change in the form in which it is written.
type prepared struct {
	move
	transition
	change    record
	binding   record   // of a change that creates an activation
	proven    []record // evidence
	withdrawn [][]byte // keys of evidence
	err       error    // why it cannot be written
}

// record is a key with its value.
type record struct{ key, value []byte }

// Commit implements store.Store. Calls that come while another's write is on
// its way to the disk are written together.
func (s *Store) Commit(ctx context.Context, changes []store.Change) []error {
	if len(changes) == 0 {
		return nil
	}
	if err := s.begin(ctx); err != nil {
		return all(len(changes), err)
	}
	defer s.gate.leave()
	if s.disk.full() {
		return all(len(changes), errFull)
	}
	r := prepare(changes)
	select {
	case s.requests <- r:
	case <-ctx.Done():
		return all(len(changes), ctx.Err())
	case <-s.disk.down:
		return all(len(changes), s.down())
	}
	select {
	case <-r.done:
		return r.answer()
	case <-ctx.Done():
		select {
		case <-r.done:
			return r.answer()
		default:
			return all(len(changes), fmt.Errorf("%w: %w, and the disk has not answered", store.ErrUnavailable, ctx.Err()))
		}
	case <-s.disk.down:
		return all(len(changes), s.down())
	}
}

// answer returns the results of a request that is done, and puts it away.
func (r *request) answer() []error {
	results := r.results
	r.results = nil
	clear(r.changes)
	requests.Put(r)
	return results
}

var errFull = fmt.Errorf("%w: disk full: free some space; the store goes on by itself", store.ErrUnavailable)

// all returns n times the same result.
func all(n int, err error) []error {
	results := make([]error, n)
	for i := range results {
		results[i] = err
	}
	return results
}

// prepare encodes changes, in the goroutine of the caller.
func prepare(changes []store.Change) *request {
	r := requests.Get().(*request)
	r.changes = slices.Grow(r.changes[:0], len(changes))[:len(changes)]
	r.results = make([]error, len(changes))
	buf := slices.Grow(r.buf[:0], usualChange*len(changes))
	for i := range changes {
		buf = r.changes[i].encode(buf, &changes[i])
	}
	r.buf = buf
	return r
}

// usualChange is how many bytes a change takes, its keys included.
const usualChange = 384

// encode encodes a change behind buf. Where buf has to grow, what was encoded
// before stays where it is.
func (p *prepared) encode(buf []byte, c *store.Change) []byte {
	a := &c.Activation
	p.move = move{id: a.StepsID, from: c.From, to: a.Revision}
	start := len(buf)
	buf = appendChangeKey(buf, a.StepsID, a.Revision)
	if buf, p.err = wire.AppendChange(buf, c); p.err != nil {
		return buf[:start]
	}
	buf = appendSum(buf, start)
	p.change = record{buf[start : start+changeKeyLen], buf[start+changeKeyLen:]}
	p.transition = transitionOf(c)

	if c.From == 0 {
		start = len(buf)
		buf = appendBindingKey(buf, &a.Binding)
		buf = binary.BigEndian.AppendUint64(buf, uint64(a.StepsID))
		p.binding = record{buf[start : start+bindingKeyLen], buf[start+bindingKeyLen:]}
	}
	for i := range c.Withdrawn {
		p.withdrawn = append(p.withdrawn, appendEvidenceKey(nil, &c.Withdrawn[i]))
	}
	for i := range c.Proven {
		start = len(buf)
		buf = appendEvidenceKey(buf, &c.Proven[i].Subject)
		buf = wire.AppendEvidence(buf, &c.Proven[i])
		buf = appendSum(buf, start)
		p.proven = append(p.proven, record{buf[start : start+evidenceKeyLen], buf[start+evidenceKeyLen:]})
	}
	return buf
}

// put adds the change to a batch.
func (p *prepared) put(b *pebble.Batch) error {
	if err := b.Set(p.change.key, p.change.value, nil); err != nil {
		return err
	}
	if p.from == 0 {
		if err := b.Set(p.binding.key, p.binding.value, nil); err != nil {
			return err
		}
	}
	for _, key := range p.withdrawn {
		if err := b.Delete(key, nil); err != nil {
			return err
		}
	}
	for _, r := range p.proven {
		if err := b.Set(r.key, r.value, nil); err != nil {
			return err
		}
	}
	return nil
}

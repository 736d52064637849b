package pebblestore

import (
	"context"
	"fmt"
	"sync"

	"github.com/stepgate/stepgate/store"
)

// request is a Commit or an Erase on its way through the writer. It holds no
// memory of the caller's, who may be gone before the writer is done.
type request struct {
	changes  []prepared
	erasures []erasure
	results  []error
	buf      []byte        // what changes point into
	effects  []effect      // of all changes
	guards   []guard       // likewise
	done     chan struct{} // gets one when the writer is done with the request
}

var requests = sync.Pool{New: func() any { return &request{done: make(chan struct{}, 1)} }}

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
	return s.send(ctx, s.commits, prepare(changes))
}

// send has the writer do a request.
func (s *Store) send(ctx context.Context, to chan<- *request, r *request) []error {
	n := len(r.results)
	if s.disk.full() {
		return all(n, errFull)
	}
	select {
	case to <- r:
	case <-ctx.Done():
		return all(n, ctx.Err())
	case <-s.disk.down:
		return all(n, s.down())
	}
	select {
	case <-r.done:
		return r.answer()
	case <-ctx.Done():
		select {
		case <-r.done:
			return r.answer()
		default:
			return all(n, fmt.Errorf("%w: %w, and the disk has not answered", store.ErrUnavailable, ctx.Err()))
		}
	case <-s.disk.down:
		return all(n, s.down())
	}
}

// answer returns the results of a request that is done, and puts it away.
func (r *request) answer() []error {
	results := r.results
	r.results, r.erasures = nil, nil
	clear(r.changes)
	clear(r.effects)
	clear(r.guards)
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

package pebblestore

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Store is an embedded store. It implements store.Store and store.Heads.
type Store struct {
	dir  string
	opts Options
	disk *disk
	lock io.Closer
	db   *pebble.DB
	seal *sealFile

	gate     *gate
	heads    *heads
	filter   *filter
	index    *index
	sealer   *sealer
	purger   *purger
	commits  chan *request
	erasures chan *request
	inFlight atomic.Pointer[group]
	durable  atomic.Pointer[mark]

	closing chan struct{} // closed when the writer is to end
	written chan struct{} // closed when it has
}

var (
	_ store.Store = (*Store)(nil)
	_ store.Heads = (*Store)(nil)
)

// begin lets a call in that leaves the gate at its end, or says why not.
func (s *Store) begin(ctx context.Context) error {
	if err := s.gate.enter(ctx); err != nil {
		return err
	}
	if err := s.down(); err != nil {
		s.gate.leave()
		return err
	}
	return nil
}

// down returns why the store is down, or nil.
func (s *Store) down() error {
	cause := s.disk.failed()
	switch {
	case cause == nil:
		return nil
	case noSpace(cause):
		return fmt.Errorf("%w: %w: free some space, and start again", store.ErrUnavailable, cause)
	}
	return fmt.Errorf("%w: %w: see to the disk, and start again: what was acknowledged is on it", store.ErrUnavailable, cause)
}

// Head implements store.Heads.
func (s *Store) Head(id steps.ID) (revision uint32, ok bool) {
	revision, ok = s.heads.get(id)
	return revision, ok && revision > 0
}

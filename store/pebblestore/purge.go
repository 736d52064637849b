package pebblestore

import (
	"context"
	"sync"
	"time"
)

// purger sees to it that what erasures replaced leaves the disk. Pebble keeps
// what is replaced in its files until it happens to rewrite them; the purger
// makes it do so at once. As that may rewrite most of the store, it rests for
// purgeRest times as long as it took: an erasure is soon gone from a small store,
// and many erasures share the work in a large one.
type purger struct {
	purge func(ctx context.Context, spans []span, reached uint64) error

	mu      sync.Mutex
	spans   []span // in which something was replaced
	reached uint64 // the sequence of the newest erasure

	awake  chan struct{}
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{}
}

// span is a range of keys, without its end.
type span struct{ start, end []byte }

const purgeRest = 20

func newPurger(purge func(ctx context.Context, spans []span, reached uint64) error) *purger {
	p := &purger{purge: purge, awake: make(chan struct{}, 1), done: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

// add has what an erasure replaced in spans of keys purged.
func (p *purger) add(spans []span, reached uint64) {
	p.mu.Lock()
	p.spans, p.reached = append(p.spans, spans...), reached
	p.mu.Unlock()
	select {
	case p.awake <- struct{}{}:
	default:
	}
}

// run purges until it is closed. What fails is tried again with the next erasure,
// and when the store is opened again.
func (p *purger) run() {
	defer close(p.done)
	for {
		select {
		case <-p.awake:
		case <-p.ctx.Done():
			return
		}
		began := time.Now()
		p.mu.Lock()
		spans, reached := p.spans, p.reached
		p.mu.Unlock()
		if p.purge(p.ctx, spans, reached) == nil {
			p.mu.Lock()
			p.spans = p.spans[len(spans):]
			p.mu.Unlock()
		}
		select {
		case <-time.After(purgeRest * time.Since(began)):
		case <-p.ctx.Done():
			return
		}
	}
}

// close ends run.
func (p *purger) close() {
	p.cancel()
	<-p.done
}

// purge takes from the disk what was replaced in spans of keys, by erasures up to
// a sequence of the feed.
func (s *Store) purge(ctx context.Context, spans []span, reached uint64) error {
	old := s.disk.logs.condemn()
	if err := s.db.Flush(); err != nil {
		return fromPebble(err)
	}
	for _, span := range spans {
		if err := s.db.Compact(ctx, span.start, span.end, false); err != nil {
			return fromPebble(err)
		}
	}
	s.disk.removeLogs(old)
	b := s.db.NewBatch()
	if err := putSequence(b, purgedKey, reached); err != nil {
		return err
	}
	return apply(s.db, b)
}

// resumePurge has purged what the process before did not come to.
func (s *Store) resumePurge() error {
	erased, err := s.sequence(erasedKey)
	if err != nil {
		return err
	}
	purged, err := s.sequence(purgedKey)
	if err != nil {
		return err
	}
	if erased > purged {
		s.purger.add([]span{{firstKey, lastKey}}, erased)
	}
	return nil
}

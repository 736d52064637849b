package pebblestore

import (
	"context"

	"github.com/cockroachdb/pebble/v2"
)

// Compact does at once what the store does in time: it brings everything that
// was written into compressed files, and what was erased off the disk. It takes a
// while, and commits go on meanwhile.
func (s *Store) Compact(ctx context.Context) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.gate.leave()
	if err := s.flushIndex(ctx); err != nil {
		return err
	}
	reached := s.durable.Load().sequence
	for _, do := range []func() error{s.db.Flush, s.span} {
		if err := do(); err != nil {
			return fromPebble(err)
		}
	}
	return s.purge(ctx, []span{{firstKey, lastKey}}, reached)
}

// Keys that lie before and behind all others, and are never set.
var firstKey, lastKey = []byte{0}, []byte{0xff}

// span makes a file that reaches over all others. Pebble does not rewrite, and
// so not compress, a file that lies alone.
func (s *Store) span() error {
	b := s.db.NewBatch()
	defer b.Close()
	for _, key := range [][]byte{firstKey, lastKey} {
		if err := b.Delete(key, nil); err != nil {
			return err
		}
	}
	return s.db.Apply(b, pebble.NoSync)
}

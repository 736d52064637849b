package pebblestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/cockroachdb/pebble/v2"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store/wire"
)

// known is what is known of a subject, in a form that can be compared: its
// evidence as package wire writes it, or the revision of its tally. The zero
// value: nothing is.
type known struct {
	evidence []byte
	revision uint32
}

func (k known) equal(other known) bool {
	return k.revision == other.revision && bytes.Equal(k.evidence, other.evidence)
}

// known calls read with the key of each subject of which something may be known,
// and returns when what that read is durable.
func (s *Store) known(ctx context.Context, kind byte, subjects []steps.Subject, read func(i int, key *subjectKey) error) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.gate.leave()
	keys := make([]subjectKey, len(subjects))
	var k subjectKeys
	for i := range subjects {
		keys[i] = k.of(kind, &subjects[i])
		if !s.filter.mayHave(keys[i].user()) {
			continue
		}
		if err := read(i, &keys[i]); err != nil {
			return fmt.Errorf("what is known of %s: %w", subjects[i].Step, err)
		}
	}
	return s.settle(ctx, func(g *group) bool { return g.changesAny(keys) })
}

// get returns a copy of the value of a key, or nil where there is none.
func (s *Store) get(key []byte) ([]byte, error) {
	value, closer, err := s.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fromPebble(err)
	}
	defer closer.Close()
	return append([]byte{}, value...), nil
}

// appendIdentity appends what a checksum covers besides what is known of a
// subject: the key, and the subject itself, of which the key has the hash alone.
func appendIdentity(b []byte, key *subjectKey, subject *steps.Subject) []byte {
	return wire.AppendSubject(append(b, key[:]...), subject)
}

// subjectSum returns the checksum of what is known of a subject.
func subjectSum(key *subjectKey, subject *steps.Subject, form []byte) uint32 {
	identity := appendIdentity(make([]byte, 0, 256), key, subject)
	return crc32.Update(crc32.Checksum(identity, castagnoli), castagnoli, form)
}

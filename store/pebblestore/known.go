package pebblestore

import (
	"bytes"
	"context"
	"fmt"
	"hash/crc32"

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

// known calls read for each subject of which something may be known, and returns
// when what that read is durable.
func (s *Store) known(ctx context.Context, kind byte, subjects []steps.Subject,
	read func(l *lookup, i int, key *subjectKey) error,
) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.gate.leave()
	keys := make([]subjectKey, len(subjects))
	var k subjectKeys
	var l *lookup
	defer func() { l.close() }()
	for i := range subjects {
		keys[i] = k.of(kind, &subjects[i])
		if !s.filter.mayHave(keys[i].user()) {
			continue
		}
		if l == nil {
			var err error
			if l, err = newLookup(s.db); err != nil {
				return err
			}
		}
		if err := read(l, i, &keys[i]); err != nil {
			return fmt.Errorf("what is known of %s: %w", subjects[i].Step, err)
		}
	}
	return s.settle(ctx, func(g *group) bool { return g.changesAny(keys) })
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

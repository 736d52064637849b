package pebblestore

import (
	"context"
	"encoding/binary"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store/wire"
)

// appendTally appends the value of a tally, and returns it.
func appendTally(b []byte, key *subjectKey, t *steps.Tally) (_, value []byte) {
	start := len(b)
	b = appendIdentity(b, key, &t.Subject)
	at := len(b)
	b = wire.AppendTally(b, t)
	b = appendSum(b, start)
	return b, b[at:]
}

// Tallies implements store.Store.
func (s *Store) Tallies(ctx context.Context, subjects []steps.Subject) ([]steps.Tally, error) {
	counted := make([]steps.Tally, len(subjects))
	err := s.known(ctx, tallyKind, subjects, func(l *lookup, i int, key *subjectKey) (err error) {
		counted[i], err = l.tally(key, &subjects[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	return counted, nil
}

// tally reads the tally of a subject.
func (l *lookup) tally(key *subjectKey, subject *steps.Subject) (steps.Tally, error) {
	value, err := l.get(key)
	if value == nil || err != nil {
		return steps.Tally{}, err
	}
	n := len(value) - sumLen
	if n < 0 {
		return steps.Tally{}, errCutOff
	}
	if subjectSum(key, subject, value[:n]) != binary.LittleEndian.Uint32(value[n:]) {
		return steps.Tally{}, errSum
	}
	return wire.DecodeTally(*subject, value[:n])
}

package pebblestore

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/cockroachdb/pebble/v2"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/wire"
)

// The forms of evidence, each the first byte of a record. A record ends, in
// either form, in the checksum of the evidence as a whole.
const (
	wholeForm = 1 // what package wire writes follows
	entryForm = 2 // a reference follows
)

// appendEvidence appends the value of evidence that comes with a change, and
// returns what package wire writes of it besides. Both lie behind b: where that
// has to grow, what was appended before stays where it is.
func appendEvidence(b []byte, key *subjectKey, e *steps.Evidence, c *store.Change) (_, value, whole []byte) {
	start := len(b)
	b = appendIdentity(b, key, &e.Subject)
	at := len(b)
	b = wire.AppendEvidence(b, e)
	whole = b[at:]
	sum := crc32.Checksum(b[start:], castagnoli)
	at = len(b)
	if ref, ok := referTo(e, c); ok {
		b = ref.append(append(b, entryForm))
	} else {
		b = append(append(b, wholeForm), whole...)
	}
	b = binary.LittleEndian.AppendUint32(b, sum)
	return b, b[at:], whole
}

// proves reports whether evidence says more than its subject.
func proves(e *steps.Evidence) bool { return e.Origin != steps.Origin{} || !e.Until.IsZero() }

// Evidence implements store.Store.
func (s *Store) Evidence(ctx context.Context, subjects []steps.Subject) ([]steps.Evidence, error) {
	proven := make([]steps.Evidence, len(subjects))
	err := s.known(ctx, evidenceKind, subjects, func(l *lookup, i int, key *subjectKey) (err error) {
		proven[i], err = l.evidence(key, &subjects[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	return proven, nil
}

// evidence reads the evidence of a subject.
func (l *lookup) evidence(key *subjectKey, subject *steps.Subject) (e steps.Evidence, err error) {
	value, err := l.get(key)
	if value == nil || err != nil {
		return e, err
	}
	n := len(value) - sumLen
	if n < 1 {
		return e, errCutOff
	}
	switch form := value[1:n]; value[0] {
	case wholeForm:
		e, err = wire.DecodeEvidence(*subject, form)
	case entryForm:
		e, err = l.evidenceOfEntry(subject, form)
	default:
		err = fmt.Errorf("%w: evidence in no form", store.ErrCorrupt)
	}
	if err != nil {
		return steps.Evidence{}, err
	}
	var space [512]byte
	if subjectSum(key, subject, wire.AppendEvidence(space[:0], &e)) != binary.LittleEndian.Uint32(value[n:]) {
		return steps.Evidence{}, errSum
	}
	return e, nil
}

// evidenceOfEntry follows a reference.
func (l *lookup) evidenceOfEntry(subject *steps.Subject, form []byte) (steps.Evidence, error) {
	ref, err := parseReference(form)
	if err != nil {
		return steps.Evidence{}, err
	}
	if l.changes == nil {
		if l.changes, err = l.it.Clone(pebble.CloneOptions{}); err != nil {
			return steps.Evidence{}, fromPebble(err)
		}
	}
	c, err := readChange(l.changes, ref.id, ref.change)
	if err != nil {
		return steps.Evidence{}, err
	}
	i := int(ref.revision()) - int(c.From) - 1
	if i < 0 {
		return steps.Evidence{}, errReference
	}
	return ref.evidence(*subject, &c.Entries[i]), nil
}

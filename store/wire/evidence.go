package wire

import (
	"bytes"

	"github.com/stepgate/stepgate/steps"
)

// AppendEvidence appends the form of evidence to b.
func AppendEvidence(b []byte, e *steps.Evidence) []byte {
	origin := origin(e.StepsID)
	b = append(b, Version)
	b = appendNumber(b, uint64(e.StepsID))
	b = AppendSubject(b, &e.Subject)
	b = appendTime(b, e.At, origin)
	b = appendTime(b, e.Until, origin)
	b = appendText(b, e.Event.Source)
	return appendText(b, e.Event.ID)
}

// AppendSubject appends a form of a subject to b that no other subject has.
func AppendSubject(b []byte, s *steps.Subject) []byte {
	for _, text := range [...]string{s.Step, s.User, s.Device, s.VIN} {
		b = appendText(b, text)
	}
	return b
}

// DecodeEvidence reads evidence. Any bytes but those that AppendEvidence writes
// are store.ErrCorrupt.
func DecodeEvidence(value []byte) (steps.Evidence, error) {
	r := newReader(value)
	var e steps.Evidence
	e.StepsID = steps.ID(r.number())
	origin := origin(e.StepsID)
	s := &e.Subject
	s.Step, s.User, s.Device, s.VIN = r.text(), r.text(), r.text(), r.text()
	e.At, e.Until = r.time(origin), r.time(origin)
	e.Event.Source, e.Event.ID = r.text(), r.text()
	if r.err != nil {
		return steps.Evidence{}, r.err
	}
	var space [512]byte
	if !bytes.Equal(AppendEvidence(space[:0], &e), value) {
		return steps.Evidence{}, errNotCanonical
	}
	return e, nil
}

package wire

import (
	"bytes"

	"github.com/stepgate/stepgate/steps"
)

// AppendEvidence appends the form of evidence to b, without its subject: that
// is for the key.
func AppendEvidence(b []byte, e *steps.Evidence) []byte {
	b = append(b, Version)
	b = appendOrigin(b, &e.Origin)
	b = appendText(b, e.Event.Source)
	return appendTime(b, e.Until, e.At.UnixMilli())
}

// DecodeEvidence reads the evidence of a subject. Any bytes but those that
// AppendEvidence writes are store.ErrCorrupt.
func DecodeEvidence(subject steps.Subject, value []byte) (steps.Evidence, error) {
	r := newReader(value)
	e := steps.Evidence{Subject: subject}
	r.origin(&e.Origin)
	e.Event.Source = r.text()
	e.Until = r.time(e.At.UnixMilli())
	if r.err != nil {
		return steps.Evidence{}, r.err
	}
	var again [512]byte
	if !bytes.Equal(AppendEvidence(again[:0], &e), value) {
		return steps.Evidence{}, errNotCanonical
	}
	return e, nil
}

// AppendSubject appends a form of a subject to b that no other subject has.
func AppendSubject(b []byte, s *steps.Subject) []byte {
	for _, text := range [...]string{s.Step, s.User, s.Device, s.VIN} {
		b = appendText(b, text)
	}
	return appendNumber(b, uint64(s.StepsID))
}

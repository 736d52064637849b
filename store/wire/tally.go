package wire

import (
	"bytes"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// AppendTally appends the form of a tally to b, without its subject: that is for
// the key. Its first time is counted from the beginning of 2025, each other from
// the one before it.
func AppendTally(b []byte, t *steps.Tally) []byte {
	b = append(b, Version, bit(1, t.Spent))
	b = appendNumber(b, uint64(t.Revision))
	b = appendNumber(b, uint64(t.Total))
	b = appendNumber(b, uint64(len(t.Failures)))
	from := int64(idEpoch)
	for _, at := range t.Failures {
		b = appendTime(b, at, from)
		from = at.UnixMilli()
	}
	return appendTime(b, t.Opens, from)
}

// DecodeTally reads the tally of a subject. Any bytes but those that
// AppendTally writes are store.ErrCorrupt.
func DecodeTally(subject steps.Subject, value []byte) (steps.Tally, error) {
	r := newReader(value)
	t := steps.Tally{Subject: subject, Spent: r.byte() != 0, Revision: r.uint32(), Total: int(r.number())}
	from := int64(idEpoch)
	if n := r.count(); n > 0 {
		t.Failures = make([]time.Time, n)
		for i := range t.Failures {
			t.Failures[i] = r.time(from)
			from = t.Failures[i].UnixMilli()
		}
	}
	t.Opens = r.time(from)
	if r.err != nil {
		return steps.Tally{}, r.err
	}
	var again [512]byte
	if !bytes.Equal(AppendTally(again[:0], &t), value) {
		return steps.Tally{}, errNotCanonical
	}
	return t, nil
}

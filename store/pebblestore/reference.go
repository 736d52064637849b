package pebblestore

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// reference names the history entry that evidence is of. Nearly all evidence is
// of an entry of the change that it comes with, which has the event and the time
// already: to keep the place of the entry takes less than half of the space
// (docs/decisions/wire-pebble.md).
type reference struct {
	id     steps.ID
	change uint32 // the revision of the change
	back   uint32 // by so much the entry's revision is less
	lasts  int64  // milliseconds from the entry to the end of the evidence; 0: without end
}

// referTo returns the reference of evidence that a change comes with; ok is false
// where the evidence has to be kept whole. An erasure finds the references to an
// activation behind its user alone.
func referTo(e *steps.Evidence, c *store.Change) (ref reference, ok bool) {
	a := &c.Activation
	if e.StepsID != a.StepsID || e.Subject.User != a.User {
		return reference{}, false
	}
	ref = reference{id: a.StepsID, change: a.Revision}
	if !e.Until.IsZero() {
		if ref.lasts = e.Until.UnixMilli() - e.At.UnixMilli(); ref.lasts == 0 {
			return reference{}, false
		}
	}
	for i := range c.Entries {
		if entry := &c.Entries[i]; entry.Event == e.Event && entry.At.UnixMilli() == e.At.UnixMilli() {
			ref.back = a.Revision - entry.Revision
			return ref, true
		}
	}
	return reference{}, false
}

func (r *reference) append(b []byte) []byte {
	b = binary.AppendVarint(b, r.lasts)
	b = binary.AppendUvarint(b, uint64(r.back))
	b = binary.AppendUvarint(b, uint64(r.change))
	return binary.BigEndian.AppendUint64(b, uint64(r.id))
}

func parseReference(b []byte) (reference, error) {
	lasts, n := binary.Varint(b)
	back, k := binary.Uvarint(b[max(n, 0):])
	change, l := binary.Uvarint(b[max(n, 0)+max(k, 0):])
	if n <= 0 || k <= 0 || l <= 0 || len(b) != n+k+l+idLen || change > math.MaxUint32 || back >= change {
		return reference{}, errReference
	}
	id := steps.ID(binary.BigEndian.Uint64(b[n+k+l:]))
	return reference{id: id, change: uint32(change), back: uint32(back), lasts: lasts}, nil
}

var errReference = fmt.Errorf("%w: it leads to no entry", store.ErrCorrupt)

func (r *reference) revision() uint32 { return r.change - r.back }

// evidence returns what the entry says of a subject.
func (r *reference) evidence(subject steps.Subject, entry *steps.Entry) steps.Evidence {
	e := steps.Evidence{
		Subject: subject,
		Origin:  steps.Origin{StepsID: r.id, Event: entry.Event, At: entry.At},
	}
	if r.lasts != 0 {
		e.Until = entry.At.Add(time.Duration(r.lasts) * time.Millisecond)
	}
	return e
}

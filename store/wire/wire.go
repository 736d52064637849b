// Package wire is the form in which stores keep changes, evidence and tallies:
// compact, deterministic, and with a version.
//
// What AppendChange, AppendEvidence and AppendTally write is the only form of a
// value: the decoders take nothing else, so that a value read and written again
// has the same bytes. A change stands on its own: it is read without the changes
// before it. [History] puts an activation together from its changes and
// verifies them.
//
// The form of version 2 is a sequence of:
//
//	number  unsigned varint
//	text    its length as a number, then its bytes
//	time    a number: 0 is the zero time, any other is 1 + the zigzag form of
//	        the milliseconds since the time that it belongs to, or else since
//	        the moment that the ID of the activation tells (id>>12 milliseconds
//	        since 2025). Any ID will do; of one that steps.NewID made, most
//	        times take one to three bytes
//	hash    16 bytes
//	mask    a byte with a bit for each member that follows only where it is set
//
// What changes have in common (kinds, states, steps, intervals) comes first, and
// what is each one's own (IDs, times, hashes) behind it, so that much shrinks to
// little where values are compressed together.
//
// docs/decisions/wire-pebble.md says why it is not CBOR.
package wire

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Version is the version that this package writes, the first byte of a value.
const Version = 2

// The versions that are not read, each a store.ErrCorrupt.
var (
	// ErrNewer: a newer version of the program wrote the value, and it alone can
	// read it.
	ErrNewer = fmt.Errorf("%w: written by a newer version of the program", store.ErrCorrupt)
	// ErrPreRelease: the value is of version 1, which was never released.
	ErrPreRelease = fmt.Errorf("%w: written by a pre-release version of the program, and cannot be read", store.ErrCorrupt)
)

// idEpoch and idShift say which moment an ID tells. They are those of
// steps.NewID, and frozen here with the version.
const (
	idEpoch = 1_735_689_600_000 // 2025-01-01, in Unix milliseconds
	idShift = 12
)

// origin returns the moment that times are counted from.
func origin(id steps.ID) int64 { return idEpoch + int64(id>>idShift) }

func appendNumber(b []byte, n uint64) []byte { return binary.AppendUvarint(b, n) }

func appendText(b []byte, text string) []byte {
	if packed, ok := packUUID(text); ok {
		return append(append(b, uuidMark), packed[:]...)
	}
	return append(appendNumber(b, uint64(len(text))<<1), text...)
}

func appendTexts(b []byte, texts []string) []byte {
	b = appendNumber(b, uint64(len(texts)))
	for _, text := range texts {
		b = appendText(b, text)
	}
	return b
}

func appendTime(b []byte, t time.Time, from int64) []byte {
	if t.IsZero() {
		return append(b, 0)
	}
	delta := t.UnixMilli() - from
	return appendNumber(b, 1+uint64(delta<<1^delta>>63))
}

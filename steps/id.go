package steps

import (
	"strconv"
	"time"
)

// ID is a stepsID: the key of an activation. It is a name, never a credential
// (contract, section 3, Bound).
type ID uint64

// MaxID is the greatest ID: the greatest integer that JavaScript holds exactly.
const MaxID ID = 1<<53 - 1

// idRandomBits of an ID are random; the 41 bits above them count milliseconds,
// which last until 2094.
const idRandomBits = 12

// idEpoch is where the milliseconds of an ID begin.
var idEpoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// NewID makes an ID of a time and of random bits, of which it takes the lowest
// 12. IDs made near each other in time lie near each other in an ordered
// index, need no coordination, and reveal no count. Two may collide: creating
// an activation under a taken ID fails, and the caller draws again.
func NewID(at time.Time, random uint64) ID {
	ms := max(at.Sub(idEpoch).Milliseconds(), 0)
	id := (ID(ms)<<idRandomBits | ID(random&(1<<idRandomBits-1))) & MaxID
	return max(id, 1)
}

// ParseID reads a stepsID as it stands in a request: decimal digits alone,
// from 1 to MaxID, without leading zeros. Anything else is ErrInvalid for the
// parameter stepsID, and no text at all is ErrMissing.
func ParseID(text string) (ID, error) {
	if text == "" {
		return 0, Missing("stepsID", "the list that a carAssociationID returns has it")
	}
	if len(text) > len("9007199254740991") || text[0] == '0' {
		return 0, Invalid("stepsID", "a stepsID lies between 1 and 2^53-1, without leading zeros")
	}
	for _, r := range text {
		if r < '0' || r > '9' {
			return 0, Invalid("stepsID", "a stepsID is a whole number")
		}
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || ID(n) > MaxID {
		return 0, Invalid("stepsID", "a stepsID lies between 1 and 2^53-1")
	}
	return ID(n), nil
}

// String returns the decimal form.
func (id ID) String() string { return strconv.FormatUint(uint64(id), 10) }

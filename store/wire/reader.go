package wire

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// reader takes a value apart. The texts that it returns share the memory of
// the value. After its first fault it returns zeros.
type reader struct {
	rest string
	err  error
}

func newReader(value []byte) *reader {
	r := &reader{rest: string(value)}
	switch {
	case len(value) == 0:
		r.fail("an empty value")
	case value[0] > Version:
		r.err = ErrNewer
	case value[0] == 1:
		r.err = ErrPreRelease
	case value[0] < Version:
		r.fail("no such version")
	default:
		r.rest = r.rest[1:]
	}
	return r
}

func (r *reader) fail(why string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", store.ErrCorrupt, why)
	}
	r.rest = ""
}

func (r *reader) number() uint64 {
	var n uint64
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		b := r.rest[i]
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			r.rest = r.rest[i+1:]
			return n
		}
	}
	r.fail("a number is cut off")
	return 0
}

func (r *reader) uint32() uint32 { return r.narrow(r.number()) }

func (r *reader) narrow(n uint64) uint32 {
	if n > math.MaxUint32 {
		r.fail("a number is too large")
		return 0
	}
	return uint32(n)
}

func (r *reader) byte() byte {
	if r.rest == "" {
		r.fail("a byte is missing")
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

// count reads how many items follow, each of at least one byte.
func (r *reader) count() int {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.fail("a count is larger than what follows")
		return 0
	}
	return int(n)
}

func (r *reader) text() string {
	n := r.number()
	if n == uuidMark {
		return unpackUUID(r.take(16))
	}
	return r.take(n >> 1)
}

// take returns the next n bytes.
func (r *reader) take(n uint64) string {
	if n > uint64(len(r.rest)) {
		r.fail("it is cut off")
		return ""
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) time(from int64) time.Time {
	n := r.number()
	if n == 0 {
		return time.Time{}
	}
	n--
	return time.UnixMilli(from + (int64(n>>1) ^ -int64(n&1))).UTC()
}

func (r *reader) hash() (h steps.Hash) {
	copy(h[:], r.take(uint64(len(h))))
	return h
}

// texts reads a list of texts, nil where it has none.
func (r *reader) texts() []string {
	n := r.count()
	if n == 0 {
		return nil
	}
	texts := make([]string, n)
	for i := range texts {
		texts[i] = r.text()
	}
	return texts
}

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
	rest   string
	origin int64
	err    error
}

func newReader(id steps.ID, value []byte) *reader {
	r := &reader{rest: string(value), origin: origin(id)}
	switch {
	case len(value) == 0:
		r.fail("an empty value")
	case value[0] > Version:
		r.err = ErrNewer
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

func (r *reader) uint32() uint32 {
	n := r.number()
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
	n := r.count()
	text := r.rest[:n]
	r.rest = r.rest[n:]
	return text
}

func (r *reader) time() time.Time {
	n := r.number()
	if n == 0 {
		return time.Time{}
	}
	n--
	return time.UnixMilli(r.origin + int64(n>>1) ^ -int64(n&1)).UTC()
}

func (r *reader) hash() (h steps.Hash) {
	if len(r.rest) < len(h) {
		r.fail("a hash is cut off")
		return h
	}
	copy(h[:], r.rest)
	r.rest = r.rest[len(h):]
	return h
}

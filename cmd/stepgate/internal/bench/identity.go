package bench

import (
	"context"
	"encoding/hex"
	"hash/fnv"
	"math/rand/v2"

	"github.com/stepgate/stepgate/steps"
)

// identity is what an activation of the measurement is about: random texts, as
// they are in life, so that nothing compresses better than it would there.
type identity struct {
	association string
	user        string
	device      string
	events      []string // one id a step
}

const uuidLen = 36

// newRand returns a source of randomness that no other draws from.
func newRand() *rand.Rand { return rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) }

// newIdentity draws an identity with ids for n events. It allocates little: the
// texts share their memory.
func newIdentity(r *rand.Rand, n int) identity {
	text := make([]byte, 0, (3+n)*uuidLen)
	for range 3 + n {
		text = appendUUID(text, r)
	}
	all := string(text)
	next := func() string {
		id := all[:uuidLen]
		all = all[uuidLen:]
		return id
	}
	who := identity{association: next(), user: next(), device: next(), events: make([]string, n)}
	for i := range who.events {
		who.events[i] = next()
	}
	return who
}

// appendUUID appends a random UUID (RFC 9562, version 4).
func appendUUID(b []byte, r *rand.Rand) []byte {
	var id [16]byte
	high, low := r.Uint64(), r.Uint64()
	for i := range 8 {
		id[i], id[8+i] = byte(high>>(8*i)), byte(low>>(8*i))
	}
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	for i, part := range [...][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return b
}

// resolver is the engine.Associations of the measurement: every association is
// whoever's asks for it, for one service, and its vehicle follows from its ID,
// so that there is nothing to look up.
type resolver struct{ service string }

func (r resolver) Association(_ context.Context, user, id string) (steps.Association, bool, error) {
	return steps.Association{ID: id, User: user, Service: r.service, VIN: vinOf(id)}, true, nil
}

func (resolver) ByVIN(context.Context, string, string) ([]steps.Association, error) { return nil, nil }

// vinAlphabet is what a vehicle identification number is written in (ISO 3779):
// neither I nor O nor Q.
const vinAlphabet = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"

// makers are the first three characters of the VINs of some makes.
var makers = [...]string{"VF3", "VF7", "VR1", "VR3", "VR7", "VXK", "W0L", "W0V"}

const vinLen = 17

// vinOf returns the VIN of an association: a maker's, and random behind.
func vinOf(association string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(association))
	r := rand.NewPCG(h.Sum64(), 0)
	var vin [vinLen]byte
	n := copy(vin[:], makers[r.Uint64()%uint64(len(makers))])
	for ; n < vinLen; n++ {
		vin[n] = vinAlphabet[r.Uint64()%uint64(len(vinAlphabet))]
	}
	return string(vin[:])
}

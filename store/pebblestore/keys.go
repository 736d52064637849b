package pebblestore

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store/wire"
)

// The kinds of key, each its first byte. Numbers are big-endian, so that keys
// lie in the order of what they number.
//
//	'b' hash(association) hash(user, device)  -> ID        the binding
//	'c' ID revision                           -> change    what led to the revision
//	'd' time ID                               -> nothing   when it next changes by itself
//	'f' sequence                              -> group     the feed
//	'm' name                                  -> sequence  how far something reaches
//	's' state 0 ID                            -> nothing
//	'u' hash(user) 'a' ID                     -> nothing   the user's activations
//	'u' hash(user) 'e' hash(subject)          -> evidence
//	'u' hash(user) 't' hash(subject)          -> tally
//	'v' service 0 ID                          -> nothing
//
// Those of the index ('a', 'd', 's' and 'v') are written behind the others.
//
// The hashes are the first bytes of SHA-256, so many that among 100 million
// bindings or users none will have another's. Should it be, reading finds it: the
// binding, the user and the subject are verified.
const (
	bindingKind = 'b'
	changeKind  = 'c'
	dueKind     = 'd'
	feedKind    = 'f'
	metaKind    = 'm'
	stateKind   = 's'
	userKind    = 'u'
	serviceKind = 'v'

	// Behind a user.
	activationKind = 'a'
	evidenceKind   = 'e'
	tallyKind      = 't'
)

const (
	idLen         = 8
	bindingKeyLen = 1 + 6 + 4
	changeKeyLen  = 1 + idLen + 4
	dueKeyLen     = 1 + 8 + idLen
	feedKeyLen    = 1 + 8
	userKeyLen    = 1 + 10
	subjectKeyLen = userKeyLen + 1 + 6
)

// The names of what reaches up to a sequence of the feed.
var (
	indexCursorKey = []byte("mindex")  // the index
	erasedKey      = []byte("merased") // the newest erasure
	purgedKey      = []byte("mpurged") // erasures of which nothing is left on the disk
)

// appendChangePrefix appends what all changes of an activation begin with.
func appendChangePrefix(b []byte, id steps.ID) []byte {
	return binary.BigEndian.AppendUint64(append(b, changeKind), uint64(id))
}

func appendChangeKey(b []byte, id steps.ID, revision uint32) []byte {
	return binary.BigEndian.AppendUint32(appendChangePrefix(b, id), revision)
}

func changeKeyID(key []byte) steps.ID { return steps.ID(binary.BigEndian.Uint64(key[1:])) }

func changeKeyRevision(key []byte) uint32 { return binary.BigEndian.Uint32(key[1+idLen:]) }

// appendBindingPrefix appends what the bindings of an association begin with.
func appendBindingPrefix(b []byte, association string) []byte {
	var space [256]byte
	sum := sha256.Sum256(append(space[:0], association...))
	return append(append(b, bindingKind), sum[:6]...)
}

func appendBindingKey(b []byte, binding *steps.Binding) []byte {
	var space [256]byte
	owner := binary.AppendUvarint(space[:0], uint64(len(binding.User)))
	owner = append(append(owner, binding.User...), binding.Device...)
	sum := sha256.Sum256(owner)
	return append(appendBindingPrefix(b, binding.Association), sum[:4]...)
}

// appendDueKey appends the key of a time in Unix milliseconds, which may lie
// before 1970.
func appendDueKey(b []byte, due int64, id steps.ID) []byte {
	b = binary.BigEndian.AppendUint64(append(b, dueKind), uint64(due)^1<<63)
	return binary.BigEndian.AppendUint64(b, uint64(id))
}

// userKey is what all keys of a user begin with.
type userKey [userKeyLen]byte

func userKeyOf(user string) userKey {
	var space [256]byte
	k := userKey{userKind}
	sum := sha256.Sum256(append(space[:0], user...))
	copy(k[1:], sum[:])
	return k
}

// end returns what lies behind all keys of the user, and before all others.
func (k userKey) end() []byte {
	return append(k[:], 0xff)
}

func appendUserActivationKey(b []byte, user *userKey, id steps.ID) []byte {
	b = append(append(b, user[:]...), activationKind)
	return binary.BigEndian.AppendUint64(b, uint64(id))
}

// subjectKey is the key of a subject's evidence or tally.
type subjectKey [subjectKeyLen]byte

func (k *subjectKey) user() []byte { return k[:userKeyLen] }
func (k *subjectKey) kind() byte   { return k[userKeyLen] }

// subjectKeys makes the keys of subjects, those of one user at the cost of one.
type subjectKeys struct {
	user string
	key  userKey
}

func (k *subjectKeys) of(kind byte, s *steps.Subject) (key subjectKey) {
	if k.key[0] == 0 || k.user != s.User {
		k.user, k.key = s.User, userKeyOf(s.User)
	}
	rest := *s
	rest.User = ""
	var space [256]byte
	sum := sha256.Sum256(wire.AppendSubject(space[:0], &rest))
	copy(key[:], k.key[:])
	key[userKeyLen] = kind
	copy(key[userKeyLen+1:], sum[:])
	return key
}

func appendFeedKey(b []byte, sequence uint64) []byte {
	return binary.BigEndian.AppendUint64(append(b, feedKind), sequence)
}

func feedKeySequence(key []byte) uint64 { return binary.BigEndian.Uint64(key[1:]) }

// appendIndexPrefix appends what the index keys of a state or a service begin
// with. Neither holds a zero byte: both are names.
func appendIndexPrefix(b []byte, kind byte, name string) []byte {
	return append(append(append(b, kind), name...), 0)
}

func appendIndexKey(b []byte, kind byte, name string, id steps.ID) []byte {
	return binary.BigEndian.AppendUint64(appendIndexPrefix(b, kind, name), uint64(id))
}

func indexKeyID(key []byte) steps.ID {
	return steps.ID(binary.BigEndian.Uint64(key[len(key)-idLen:]))
}

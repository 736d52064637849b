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
//	'e' hash(subject)                         -> evidence
//	'f' sequence                              -> group     the feed
//	'm' "index"                               -> sequence  how far 's' and 'v' reach
//	's' state 0 ID                            -> service
//	'v' service 0 ID                          -> nothing
const (
	bindingKind  = 'b'
	changeKind   = 'c'
	evidenceKind = 'e'
	feedKind     = 'f'
	metaKind     = 'm'
	stateKind    = 's'
	serviceKind  = 'v'
)

const (
	idLen          = 8
	bindingKeyLen  = 1 + 8 + 8
	changeKeyLen   = 1 + idLen + 4
	evidenceKeyLen = 1 + 16
	feedKeyLen     = 1 + 8
)

var indexCursorKey = []byte("mindex")

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
	sum := sha256.Sum256([]byte(association))
	return append(append(b, bindingKind), sum[:8]...)
}

func appendBindingKey(b []byte, binding *steps.Binding) []byte {
	var space [256]byte
	owner := binary.AppendUvarint(space[:0], uint64(len(binding.User)))
	owner = append(append(owner, binding.User...), binding.Device...)
	sum := sha256.Sum256(owner)
	return append(appendBindingPrefix(b, binding.Association), sum[:8]...)
}

func appendEvidenceKey(b []byte, subject *steps.Subject) []byte {
	var space [256]byte
	sum := sha256.Sum256(wire.AppendSubject(space[:0], subject))
	return append(append(b, evidenceKind), sum[:16]...)
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

package pebblestore

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"

	"github.com/cockroachdb/pebble/v2"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// The feed has one record a group: which changes were written together, in
// their order. Its key is the sequence of its first entry; the entries of the
// whole store count 1, 2, 3, … Its value ends in a checksum over the checksum
// of the group before, the key, and the value: no group can be missing, be
// damaged, or stand in another's place unseen.

// move is one change in the feed.
type move struct {
	id       steps.ID
	from, to uint32
}

func (m move) entries() uint64 { return uint64(m.to - m.from) }

// mark is a place in the feed: behind the entry sequence, whose group has the
// checksum sum.
type mark struct {
	sequence uint64
	sum      uint32
}

// feedVersion is the version of the form of the whole store, the first byte of a
// group. Version 1 was never released.
const feedVersion = 2

// appendGroup appends the feed's record of moves that follow mark, key and
// value, and returns the mark behind them.
func appendGroup(b []byte, after mark, moves []move) ([]byte, mark) {
	start := len(b)
	b = appendFeedKey(b, after.sequence+1)
	b = append(b, feedVersion)
	var last steps.ID
	for _, m := range moves {
		b = binary.AppendVarint(b, int64(m.id-last))
		b = binary.AppendUvarint(b, uint64(m.from))
		b = binary.AppendUvarint(b, m.entries())
		last = m.id
		after.sequence += m.entries()
	}
	after.sum = groupSum(after.sum, b[start:start+feedKeyLen], b[start+feedKeyLen:])
	return binary.LittleEndian.AppendUint32(b, after.sum), after
}

func groupSum(before uint32, key, value []byte) uint32 {
	var prev [4]byte
	binary.LittleEndian.PutUint32(prev[:], before)
	sum := crc32.Checksum(prev[:], castagnoli)
	return crc32.Update(crc32.Update(sum, castagnoli, key), castagnoli, value)
}

// groupClaim returns the checksum that a group of the feed claims, unverified.
func groupClaim(value []byte) (uint32, error) {
	if len(value) < sumLen {
		return 0, fmt.Errorf("%w: the feed: a group is cut off", store.ErrCorrupt)
	}
	return binary.LittleEndian.Uint32(value[len(value)-sumLen:]), nil
}

// decodeGroup appends the moves of the group that follows mark to moves, and
// returns the mark behind it.
func decodeGroup(moves []move, after mark, key, value []byte) ([]move, mark, error) {
	corrupt := func(why string) ([]move, mark, error) {
		return nil, mark{}, fmt.Errorf("%w: the feed behind entry %d: %s", store.ErrCorrupt, after.sequence, why)
	}
	if len(key) != feedKeyLen || feedKeySequence(key) != after.sequence+1 {
		return corrupt("the next group is missing")
	}
	sum, err := groupClaim(value)
	if err != nil {
		return corrupt("the group is cut off")
	}
	body := value[:len(value)-sumLen]
	if groupSum(after.sum, key, body) != sum {
		return corrupt("the checksum does not match")
	}
	after.sum = sum
	switch {
	case len(body) == 0 || body[0] > feedVersion:
		return corrupt("written by a newer version of the program")
	case body[0] < feedVersion:
		return corrupt("written by a pre-release version of the program, and cannot be read")
	}
	body = body[1:]
	var id steps.ID
	for len(body) > 0 {
		delta, n := binary.Varint(body)
		from, k := binary.Uvarint(body[max(n, 0):])
		count, l := binary.Uvarint(body[max(n, 0)+max(k, 0):])
		if n <= 0 || k <= 0 || l <= 0 || count == 0 || from+count > math.MaxUint32 {
			return corrupt("the group makes no sense")
		}
		body = body[n+k+l:]
		id += steps.ID(delta)
		moves = append(moves, move{id: id, from: uint32(from), to: uint32(from + count)})
		after.sequence += count
	}
	return moves, after, nil
}

// walkFeed calls visit with each group behind a mark, in order, until it wants
// no more, and returns the mark that it came to. The moves are valid during the
// call alone.
func walkFeed(it *pebble.Iterator, after mark, visit func(after mark, moves []move) (more bool, err error)) (mark, error) {
	var moves []move
	key := appendFeedKey(nil, after.sequence+1)
	for ok := it.SeekGE(key); ok && it.Key()[0] == feedKind; ok = it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return after, fromPebble(err)
		}
		var next mark
		if moves, next, err = decodeGroup(moves[:0], after, it.Key(), value); err != nil {
			return after, err
		}
		if more, err := visit(after, moves); err != nil || !more {
			return after, err
		}
		after = next
	}
	return after, fromPebble(it.Error())
}

// markBefore returns the mark before the group that holds the entry sequence,
// or that comes next where there is no such entry. Whether it is sound shows
// when the feed is walked from there.
func markBefore(it *pebble.Iterator, sequence uint64) (mark, error) {
	if !it.SeekLT(appendFeedKey(nil, sequence+1)) || it.Key()[0] != feedKind {
		return mark{}, fromPebble(it.Error())
	}
	first := feedKeySequence(it.Key())
	if !it.Prev() || it.Key()[0] != feedKind {
		return mark{sequence: first - 1}, fromPebble(it.Error())
	}
	value, err := it.ValueAndErr()
	if err != nil {
		return mark{}, fromPebble(err)
	}
	sum, err := groupClaim(value)
	return mark{first - 1, sum}, err
}

// feedEnd returns the mark behind the last group.
func feedEnd(it *pebble.Iterator) (mark, error) {
	before, err := markBefore(it, math.MaxUint64-1)
	if err != nil {
		return mark{}, err
	}
	return walkFeed(it, before, func(mark, []move) (bool, error) { return true, nil })
}

package pebblestore

import (
	"encoding/binary"
	"math/bits"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// filter knows which bindings are certainly not taken, and of which users
// certainly nothing is proven or counted, so that these are looked up only where
// they may be: a Bloom filter in memory over the keys of all of them, which are
// hashes already. It takes two to four bytes a key, and one lookup in a few
// hundred that it calls for is in vain.
type filter struct {
	ready atomic.Bool // all keys that exist are in it

	mu     sync.Mutex
	layers []layer // each larger than the one before, the last one growing
	room   int     // for how many more keys the last one is

	closing chan struct{}
	done    chan struct{} // closed when build has ended
}

// layer is a filter of a fixed size. A key sets all of its bits in one line,
// which the processor fetches at once.
type layer struct {
	lines [][lineWords]uint64
	shift int // of a hash, to the number of a line
}

const (
	lineWords = 8
	lineKeys  = 32 // keys a line: 16 bits each
	probes    = 6
	probeBits = 9 // to choose one of the bits of a line
	minLayer  = 1 << 14
)

// newFilter makes a filter that begins with room for size keys.
func newFilter(size int) *filter {
	f := &filter{closing: make(chan struct{}), done: make(chan struct{})}
	f.grow(max(size, minLayer))
	return f
}

func (f *filter) grow(size int) {
	lineBits := bits.Len(uint(size-1) / lineKeys)
	f.layers = append(f.layers, layer{lines: make([][lineWords]uint64, 1<<lineBits), shift: 64 - lineBits})
	f.room = lineKeys << lineBits
}

// hashes returns what chooses the line of a key, and what chooses its bits.
func hashes(key []byte) (line, bit uint64) {
	first, last := binary.BigEndian.Uint64(key[1:]), binary.BigEndian.Uint64(key[len(key)-8:])
	h := first*0x9e3779b97f4a7c15 ^ bits.RotateLeft64(last, 32)
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	return h, (h ^ h>>32) * 0xd6e8feb86659fd93
}

// add adds the key of a binding or of a user, unless it may have been added.
func (f *filter) add(key []byte) {
	line, bit := hashes(key)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.has(line, bit) {
		return
	}
	if f.room == 0 {
		f.grow(2 * lineKeys * len(f.layers[len(f.layers)-1].lines))
	}
	f.room--
	l := &f.layers[len(f.layers)-1]
	words := &l.lines[line>>l.shift]
	for range probes {
		words[bit%lineWords] |= 1 << (bit / lineWords % 64)
		bit >>= probeBits
	}
}

// mayHave reports whether the key of a binding or of a user may have been added.
func (f *filter) mayHave(key []byte) bool {
	if !f.ready.Load() {
		return true
	}
	line, bit := hashes(key)
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.has(line, bit)
}

// has reports whether a layer has all bits of a key. The lock is held.
func (f *filter) has(line, bit uint64) bool {
	for i := range f.layers {
		l := &f.layers[i]
		if hasAll(&l.lines[line>>l.shift], bit) {
			return true
		}
	}
	return false
}

func hasAll(words *[lineWords]uint64, bit uint64) bool {
	for range probes {
		if words[bit%lineWords]&(1<<(bit/lineWords%64)) == 0 {
			return false
		}
		bit >>= probeBits
	}
	return true
}

// buildChunk keys are read at a time, and buildPause is between two: the commits
// need the processors and the cache as well.
const (
	buildChunk = 4096
	buildPause = 2 * time.Millisecond
)

// build adds the keys that it reads. Until it has them all, and where not all
// can be read, the filter answers that anything may be.
func (f *filter) build(it *pebble.Iterator) {
	defer close(f.done)
	defer it.Close()
	n := 0
	for _, kind := range []byte{bindingKind, userKind} {
		for ok := it.SeekGE([]byte{kind}); ok && it.Key()[0] == kind; ok = it.Next() {
			switch key := it.Key(); {
			case kind == bindingKind:
				f.add(key)
			case key[userKeyLen] != activationKind:
				f.add(key[:userKeyLen])
			}
			if n++; n%buildChunk > 0 {
				continue
			}
			select {
			case <-f.closing:
				return
			case <-time.After(buildPause):
			}
		}
		if it.Error() != nil {
			return
		}
	}
	f.ready.Store(true)
}

// close ends build.
func (f *filter) close() {
	close(f.closing)
	<-f.done
}

package pebblestore

import (
	"bytes"

	"github.com/cockroachdb/pebble/v2"
)

// lookup reads what is known of subjects at one moment of the store: an erasure
// cannot come between a reference and the entry that it leads to. It is for one
// goroutine, and is closed when it is not needed any more.
type lookup struct {
	it      *pebble.Iterator
	changes *pebble.Iterator // at the same moment; nil: nothing led there yet
}

func newLookup(db *pebble.DB) (*lookup, error) {
	it, err := db.NewIter(nil)
	if err != nil {
		return nil, fromPebble(err)
	}
	return &lookup{it: it}, nil
}

// get returns the value of a key, which is valid until the next get, or nil where
// there is none.
func (l *lookup) get(key *subjectKey) ([]byte, error) {
	if !l.it.SeekGE(key[:]) || !bytes.Equal(l.it.Key(), key[:]) {
		return nil, fromPebble(l.it.Error())
	}
	value, err := l.it.ValueAndErr()
	return value, fromPebble(err)
}

// close closes the lookup, where there is one. What failed was told when it was
// read.
func (l *lookup) close() {
	if l == nil {
		return
	}
	_ = l.it.Close()
	if l.changes != nil {
		_ = l.changes.Close()
	}
}

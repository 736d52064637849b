package pebblestore

import (
	"bytes"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/wire"
)

// appendChange appends a change and returns its record. Where b has to grow,
// what was appended before stays where it is.
func appendChange(b []byte, c *store.Change) ([]byte, record, error) {
	start := len(b)
	b = appendChangeKey(b, c.Activation.StepsID, c.Activation.Revision)
	b, err := wire.AppendChange(b, c)
	if err != nil {
		return b[:start], record{}, err
	}
	b = appendSum(b, start)
	return b, record{b[start : start+changeKeyLen], b[start+changeKeyLen:]}, nil
}

// decodeChange reads the record of a change.
func decodeChange(key, value []byte) (store.Change, error) {
	value, err := checked(key, value)
	if err != nil {
		return store.Change{}, err
	}
	c, err := wire.DecodeChange(changeKeyID(key), value)
	if err == nil && c.Activation.Revision != changeKeyRevision(key) {
		err = fmt.Errorf("%w: revision %d lies where %d should", store.ErrCorrupt, c.Activation.Revision, changeKeyRevision(key))
	}
	return c, err
}

// readChange reads the change that led to a revision.
func readChange(it *pebble.Iterator, id steps.ID, revision uint32) (store.Change, error) {
	var space [changeKeyLen]byte
	key := appendChangeKey(space[:0], id, revision)
	if !it.SeekGE(key) || !bytes.Equal(it.Key(), key) {
		if err := fromPebble(it.Error()); err != nil {
			return store.Change{}, err
		}
		return store.Change{}, fmt.Errorf("%w: it is missing", store.ErrCorrupt)
	}
	value, err := it.ValueAndErr()
	if err != nil {
		return store.Change{}, fromPebble(err)
	}
	return decodeChange(key, value)
}

// eachChange calls visit with every change of an activation, the oldest first.
// The change is valid during the call alone, and what it points to for ever.
func eachChange(it *pebble.Iterator, id steps.ID, visit func(*store.Change) error) error {
	var c store.Change
	var space [changeKeyLen]byte
	prefix := appendChangePrefix(space[:0], id)
	for ok := it.SeekGE(prefix); ok && bytes.HasPrefix(it.Key(), prefix); ok = it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return fromPebble(err)
		}
		if c, err = decodeChange(it.Key(), value); err != nil {
			return err
		}
		if err := visit(&c); err != nil {
			return err
		}
	}
	return fromPebble(it.Error())
}

// readHistory adds all changes of an activation to h.
func readHistory(it *pebble.Iterator, id steps.ID, h *wire.History) error {
	return eachChange(it, id, h.AddChange)
}

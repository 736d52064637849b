package pebblestore

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/stepgate/stepgate/store"
)

// indexCursor returns the sequence up to which the index reaches.
func indexCursor(db *pebble.DB) (uint64, error) {
	value, closer, err := db.Get(indexCursorKey)
	if errors.Is(err, pebble.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fromPebble(err)
	}
	defer closer.Close()
	if len(value) != 8 {
		return 0, fmt.Errorf("%w: the cursor of the index", store.ErrCorrupt)
	}
	return binary.BigEndian.Uint64(value), nil
}

// catchUp indexes the feed from a sequence to a mark, change by change.
func (x *index) catchUp(from uint64, to mark) error {
	if from >= to.sequence {
		return nil
	}
	it, err := x.db.NewIter(nil)
	if err != nil {
		return fromPebble(err)
	}
	defer it.Close()
	records, err := it.Clone(pebble.CloneOptions{})
	if err != nil {
		return fromPebble(err)
	}
	defer records.Close()
	before, err := markBefore(it, from+1)
	if err != nil {
		return err
	}
	b := x.db.NewBatch()
	_, err = walkFeed(it, before, func(after mark, moves []move) (bool, error) {
		if after.sequence >= to.sequence {
			return false, nil
		}
		for _, m := range moves {
			c, err := readMove(records, m)
			if err != nil {
				return false, err
			}
			if err := putIndex(b, m.id, transitionOf(&c)); err != nil {
				return false, err
			}
		}
		if b.Count() < indexBatch {
			return true, nil
		}
		err := apply(x.db, b)
		b = x.db.NewBatch()
		return true, err
	})
	if err == nil {
		err = putCursor(b, to.sequence)
	}
	if err != nil {
		return errors.Join(err, b.Close())
	}
	return apply(x.db, b)
}

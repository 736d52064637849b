package pebblestore

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/stepgate/stepgate/store"
)

// sequence returns how far something reaches, 0 where it never began.
func (s *Store) sequence(key []byte) (uint64, error) {
	value, err := s.get(key)
	if value == nil || err != nil {
		return 0, err
	}
	if len(value) != 8 {
		return 0, fmt.Errorf("%w: the sequence %s", store.ErrCorrupt, key)
	}
	return binary.BigEndian.Uint64(value), nil
}

// catchUp indexes the feed from a sequence to a mark, change by change.
func (x *index) catchUp(from uint64, to mark) error {
	it, err := x.db.NewIter(nil)
	if err != nil {
		return fromPebble(err)
	}
	defer it.Close()
	x.dated = it.SeekGE([]byte{dueKind}) && it.Key()[0] == dueKind
	if from >= to.sequence {
		return fromPebble(it.Error())
	}
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
	var notes []note
	_, err = walkFeed(it, before, func(after mark, moves []move) (bool, error) {
		if after.sequence >= to.sequence {
			return false, nil
		}
		notes = notes[:0]
		for _, m := range moves {
			c, err := readMove(records, m)
			if err != nil {
				return false, err
			}
			notes = append(notes, note{m, transitionOf(&c)})
		}
		if err := x.put(b, records, notes); err != nil {
			return false, err
		}
		if b.Count() < indexBatch {
			return true, nil
		}
		err := apply(x.db, b)
		b = x.db.NewBatch()
		return true, err
	})
	if err == nil {
		err = putSequence(b, indexCursorKey, to.sequence)
	}
	if err != nil {
		return errors.Join(err, b.Close())
	}
	return apply(x.db, b)
}

package pebblestore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/cockroachdb/pebble/v2"

	"github.com/stepgate/stepgate/store"
)

// A record is a key whose value ends in a checksum over the key and the value
// before it, so that neither a damaged value nor a value under a wrong key is
// ever taken.
const sumLen = 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendSum ends the record that begins at b[start] with its key.
func appendSum(b []byte, start int) []byte {
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli))
}

// checked returns a record's value without the checksum, or store.ErrCorrupt.
func checked(key, value []byte) ([]byte, error) {
	n := len(value) - sumLen
	if n < 0 {
		return nil, errCutOff
	}
	sum := crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value[:n])
	if sum != binary.LittleEndian.Uint32(value[n:]) {
		return nil, errSum
	}
	return value[:n], nil
}

var (
	errCutOff = fmt.Errorf("%w: the record is cut off", store.ErrCorrupt)
	errSum    = fmt.Errorf("%w: the checksum does not match", store.ErrCorrupt)
)

// get returns a copy of the value of a key, or nil where there is none.
func (s *Store) get(key []byte) ([]byte, error) {
	value, closer, err := s.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fromPebble(err)
	}
	defer closer.Close()
	return append([]byte{}, value...), nil
}

// fromPebble gives an error of Pebble the sentinel that the contract has for it.
func fromPebble(err error) error {
	if err == nil || errors.Is(err, store.ErrCorrupt) {
		return err
	}
	if pebble.IsCorruptionError(err) {
		return fmt.Errorf("%w: %w", store.ErrCorrupt, err)
	}
	return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
}

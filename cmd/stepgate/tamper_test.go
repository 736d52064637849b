package main

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"path/filepath"

	"github.com/cockroachdb/pebble/v2"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store/wire"
)

// scriptTamper changes a store as somebody does who knows its form: each record
// has its right checksum. (A store that was closed knows its own files; one
// that was killed does not.)
func scriptTamper(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: tamper DIR STEPSID changed|missing|reordered")
	}
	id, err := steps.ParseID(args[1])
	ts.Check(err)
	db, err := pebble.Open(filepath.Join(ts.MkAbs(args[0]), "db"), &pebble.Options{Logger: silence{}})
	ts.Check(err)
	switch args[2] {
	case "changed":
		ts.Check(forge(db, id, 3))
	case "missing":
		ts.Check(db.Delete(recordKey(id, 3), pebble.Sync))
	case "reordered":
		ts.Check(swap(db, id, 3, 4))
	default:
		ts.Fatalf("tamper: how? %q", args[2])
	}
	ts.Check(db.Close())
}

// recordKey is the key of the change that led to a revision.
func recordKey(id steps.ID, revision uint32) []byte {
	key := binary.BigEndian.AppendUint64([]byte{'c'}, uint64(id))
	return binary.BigEndian.AppendUint32(key, revision)
}

const sumLen = 4

// readRecord returns a record without its checksum.
func readRecord(db *pebble.DB, key []byte) ([]byte, error) {
	value, closer, err := db.Get(key)
	if err != nil {
		return nil, err
	}
	record := append([]byte(nil), value[:len(value)-sumLen]...)
	return record, closer.Close()
}

// writeRecord writes a record under its right checksum.
func writeRecord(db *pebble.DB, key, record []byte) error {
	sum := crc32.Checksum(append(append([]byte(nil), key...), record...), crc32.MakeTable(crc32.Castagnoli))
	return db.Set(key, binary.LittleEndian.AppendUint32(record, sum), pebble.Sync)
}

// forge has somebody else have told an event.
func forge(db *pebble.DB, id steps.ID, revision uint32) error {
	key := recordKey(id, revision)
	record, err := readRecord(db, key)
	if err != nil {
		return err
	}
	change, err := wire.DecodeChange(id, record)
	if err != nil {
		return err
	}
	change.Entries[0].Caller = "mallory"
	if record, err = wire.AppendChange(nil, &change); err != nil {
		return err
	}
	return writeRecord(db, key, record)
}

// swap has two events have come the other way round.
func swap(db *pebble.DB, id steps.ID, first, second uint32) error {
	keys := [2][]byte{recordKey(id, first), recordKey(id, second)}
	var forms [2][]byte
	for i, revision := range [2]uint32{first, second} {
		record, err := readRecord(db, keys[i])
		if err != nil {
			return err
		}
		change, err := wire.DecodeChange(id, record)
		if err != nil {
			return err
		}
		if len(change.Entries) != 1 {
			return fmt.Errorf("revision %d has %d entries", revision, len(change.Entries))
		}
		other := first + second - revision
		change.From, change.Activation.Revision, change.Entries[0].Revision = other-1, other, other
		if forms[1-i], err = wire.AppendChange(nil, &change); err != nil {
			return err
		}
	}
	for i := range keys {
		if err := writeRecord(db, keys[i], forms[i]); err != nil {
			return err
		}
	}
	return nil
}

// silence is a Pebble logger that says nothing.
type silence struct{}

func (silence) Infof(string, ...any)           {}
func (silence) Errorf(string, ...any)          {}
func (silence) Fatalf(format string, a ...any) { panic(fmt.Sprintf(format, a...)) }

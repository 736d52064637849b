package pebblestore

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/sstable/colblk"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/storetest"
)

// personal stands in every text that tells of a person.
const personal = "Erika Mustermann"

// newPerson returns a walk of which every text is personal.
func newPerson(seed uint64) *storetest.Walk {
	w := storetest.NewWalk(seed)
	a := &w.Activation
	a.Association, a.User = fmt.Sprint(personal, "'s car ", seed), fmt.Sprint(personal, seed)
	a.Device, a.VIN = fmt.Sprint(personal, "'s phone"), personal
	w.Proves = true
	return w
}

// live has a person's activation created, completed, failed and counted.
func live(t *testing.T, s *Store, w *storetest.Walk) {
	changes := []store.Change{w.Create(), w.Complete(), w.Record(steps.Entry{
		Kind: steps.Failed, Outcome: steps.Applied,
		Payload: steps.Payload{Event: steps.EventID("//sms.example/"+personal, personal), Comment: personal},
	})}
	changes[2].Tallies = []steps.Tally{w.Tally(steps.TrustedPhone, 1)}
	changes[2].Proven = []steps.Evidence{w.Evidence(steps.MediumCarKey)}
	for _, c := range changes {
		require.NoError(t, s.Commit(t.Context(), []store.Change{c})[0])
	}
}

// crowd commits activations of others, enough for Pebble to begin some new logs.
func crowd(t *testing.T, s *Store, seed uint64) {
	for i := range uint64(200) {
		require.NoError(t, s.Commit(t.Context(), []store.Change{storetest.NewWalk(seed + i).Create()})[0])
	}
}

// What was erased leaves the disk: the tables, the logs, and those that Pebble
// keeps to write over them some day.
func TestErasedLeavesTheDisk(t *testing.T) {
	for name, erase := range map[string]func(*testing.T, *Store, []store.Erasure) *Store{
		"while the store is open": func(t *testing.T, s *Store, e []store.Erasure) *Store {
			requireErased(t, s, e)
			return s
		},
		"with Compact": func(t *testing.T, s *Store, e []store.Erasure) *Store {
			s.purger.close() // it is on its own
			requireErased(t, s, e)
			require.NoError(t, s.Compact(t.Context()))
			return s
		},
		"after a restart": func(t *testing.T, s *Store, e []store.Erasure) *Store {
			s.purger.close()
			requireErased(t, s, e)
			require.NoError(t, s.Close())
			again, err := Open("store", &s.opts)
			require.NoError(t, err)
			return again
		},
	} {
		t.Run(name, func(t *testing.T) {
			mem := vfs.NewMem()
			s, err := Open("store", &Options{FS: mem, MemTableBytes: 64 << 10})
			require.NoError(t, err)
			var erasures []store.Erasure
			for i := range uint64(40) {
				w := newPerson(10_000 * (i + 1))
				live(t, s, w)
				crowd(t, s, 10_000*(i+1)+1)
				erasures = append(erasures, w.Erase())
				if i == 20 {
					require.NoError(t, s.Compact(t.Context()))
				}
			}
			found := strings.Join(findPersonal(t, mem), " ")
			require.Contains(t, found, ".sst")
			require.Contains(t, found, ".log")
			require.Eventually(t, func() bool { return s.db.Metrics().WAL.ObsoleteFiles > 0 }, 10*time.Second, time.Millisecond,
				"Pebble keeps no log to use again")

			s = erase(t, s, erasures)
			require.Eventually(t, func() bool { return purged(t, s) }, time.Minute, time.Millisecond)
			require.Empty(t, slices.DeleteFunc(findPersonal(t, mem), isOld(t, s)))
			require.Eventually(t, func() bool { return len(findPersonal(t, mem)) == 0 }, 10*time.Second, 10*time.Millisecond,
				"Pebble removes old tables soon")
			require.NoError(t, s.Close())
			require.Empty(t, findPersonal(t, mem))
		})
	}
}

func requireErased(t *testing.T, s *Store, erasures []store.Erasure) {
	for _, err := range s.Erase(t.Context(), erasures) {
		require.NoError(t, err)
	}
}

// purged reports whether the store says that nothing is left.
func purged(t *testing.T, s *Store) bool {
	erased, err := s.sequence(erasedKey)
	require.NoError(t, err)
	purged, err := s.sequence(purgedKey)
	require.NoError(t, err)
	return purged >= erased
}

// isOld returns what reports whether a file is a table of which Pebble has no use
// any more.
func isOld(t *testing.T, s *Store) func(name string) bool {
	levels, err := s.db.SSTables()
	require.NoError(t, err)
	var inUse []string
	for _, tables := range levels {
		for _, table := range tables {
			inUse = append(inUse, fmt.Sprintf("%06d.sst", table.FileNum))
		}
	}
	return func(name string) bool { return isTable(name) && !slices.Contains(inUse, name) }
}

func isTable(name string) bool { return strings.HasSuffix(name, ".sst") }

// findPersonal returns the files in which a person is told of.
func findPersonal(t *testing.T, mem vfs.FS) (found []string) {
	for _, dir := range []string{"store", "store/db"} {
		names, err := mem.List(dir)
		require.NoError(t, err)
		for _, name := range names {
			if isPersonal(t, mem, path.Join(dir, name)) {
				found = append(found, name)
			}
		}
	}
	return found
}

// isPersonal reports whether a file tells of a person, or cannot be read yet.
func isPersonal(t *testing.T, mem vfs.FS, name string) bool {
	f, err := mem.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	require.NoError(t, err)
	if info, err := f.Stat(); err == nil && info.IsDir() {
		require.NoError(t, f.Close())
		return false
	}
	content, err := io.ReadAll(f)
	require.NoError(t, err)
	if !isTable(name) {
		require.NoError(t, f.Close())
		return bytes.Contains(content, []byte(personal))
	}
	readable, err := sstable.NewSimpleReadable(f)
	require.NoError(t, err)
	table, err := sstable.NewReader(t.Context(), readable, sstable.ReaderOptions{
		Comparer:   pebble.DefaultComparer,
		KeySchemas: sstable.MakeKeySchemas(&keySchema),
		Filters:    map[string]pebble.FilterPolicy{bloom.FilterPolicy(10).Name(): bloom.FilterPolicy(10)},
	})
	if err != nil {
		_ = readable.Close()
		return true
	}
	defer func() { require.NoError(t, table.Close()) }()
	it, err := table.NewIter(sstable.NoTransforms, nil, nil, sstable.AssertNoBlobHandles)
	require.NoError(t, err)
	defer func() { require.NoError(t, it.Close()) }()
	for kv := it.First(); kv != nil; kv = it.Next() {
		value, _, err := kv.Value(nil)
		require.NoError(t, err)
		if bytes.Contains(value, []byte(personal)) || bytes.Contains(kv.K.UserKey, []byte(personal)) {
			return true
		}
	}
	return false
}

// keySchema is how Pebble lays out keys in a table.
var keySchema = colblk.DefaultKeySchema(pebble.DefaultComparer, 16)

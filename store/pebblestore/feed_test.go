package pebblestore

import (
	"encoding/binary"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/store"
)

// feedOf returns a database with a feed of three groups, and their marks.
func feedOf(t *testing.T) (*pebble.DB, []mark) {
	db, err := pebble.Open("db", &pebble.Options{FS: vfs.NewMem(), Logger: logger{}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	marks := make([]mark, 1)
	for _, moves := range [][]move{{{7, 0, 1}}, {{9, 0, 2}, {7, 1, 4}, {8, 0, 1}}, {{8, 1, 2}}} {
		record, end := appendGroup(nil, marks[len(marks)-1], moves)
		require.NoError(t, db.Set(record[:feedKeyLen], record[feedKeyLen:], nil))
		marks = append(marks, end)
	}
	return db, marks
}

// walk returns the moves behind a mark.
func walk(t *testing.T, db *pebble.DB, after mark) ([]move, mark, error) {
	it, err := db.NewIter(nil)
	require.NoError(t, err)
	defer it.Close()
	var all []move
	end, err := walkFeed(it, after, func(_ mark, moves []move) (bool, error) {
		all = append(all, moves...)
		return true, nil
	})
	return all, end, err
}

func TestFeed(t *testing.T) {
	db, marks := feedOf(t)
	require.Equal(t, []uint64{0, 1, 7, 8}, []uint64{marks[0].sequence, marks[1].sequence, marks[2].sequence, marks[3].sequence})
	all, end, err := walk(t, db, marks[0])
	require.NoError(t, err)
	require.Equal(t, []move{{7, 0, 1}, {9, 0, 2}, {7, 1, 4}, {8, 0, 1}, {8, 1, 2}}, all)
	require.Equal(t, marks[3], end)

	it, err := db.NewIter(nil)
	require.NoError(t, err)
	defer it.Close()
	for sequence, want := range []mark{1: marks[0], 2: marks[1], 7: marks[1], 8: marks[2], 9: marks[2]} {
		if want != (mark{}) || sequence == 1 {
			before, err := markBefore(it, uint64(sequence))
			require.NoError(t, err)
			require.Equal(t, want, before, "before entry %d", sequence)
		}
	}
	end, err = feedEnd(it)
	require.NoError(t, err)
	require.Equal(t, marks[3], end)
}

// No group of the feed can be missing, damaged, or in another's place.
func TestFeedRefuses(t *testing.T) {
	key := func(sequence uint64) []byte { return appendFeedKey(nil, sequence) }
	for name, spoil := range map[string]func(db *pebble.DB, second []byte) error{
		"a missing group": func(db *pebble.DB, _ []byte) error { return db.Delete(key(2), nil) },
		"a damaged group": func(db *pebble.DB, second []byte) error {
			second[3] ^= 1
			return db.Set(key(2), second, nil)
		},
		"another's place": func(db *pebble.DB, second []byte) error { return db.Set(key(8), second, nil) },
		"no checksum":     func(db *pebble.DB, _ []byte) error { return db.Set(key(2), []byte{1, 2}, nil) },
		"another feed's": func(db *pebble.DB, _ []byte) error {
			record, _ := appendGroup(nil, mark{sequence: 1, sum: 99}, []move{{9, 0, 6}})
			return db.Set(key(2), record[feedKeyLen:], nil)
		},
	} {
		db, marks := feedOf(t)
		value, closer, err := db.Get(key(2))
		require.NoError(t, err)
		second := append([]byte(nil), value...)
		require.NoError(t, closer.Close())
		require.NoError(t, spoil(db, second), name)
		_, _, err = walk(t, db, marks[0])
		require.ErrorIs(t, err, store.ErrCorrupt, name)
	}
}

// A store of another version is refused, and says so.
func TestOtherVersions(t *testing.T) {
	for version, why := range map[byte]string{
		1:               "written by a pre-release version of the program, and cannot be read",
		feedVersion + 1: "written by a newer version of the program",
	} {
		mem := vfs.NewMem()
		s, err := Open("store", &Options{FS: mem})
		require.NoError(t, err)
		key, value := appendFeedKey(nil, 1), []byte{version, 2, 0, 1}
		value = binary.LittleEndian.AppendUint32(value, groupSum(0, key, value))
		require.NoError(t, s.db.Set(key, value, pebble.Sync))
		_ = s.Close() // which finds what it did not write

		_, err = Open("store", &Options{FS: mem})
		require.ErrorIs(t, err, store.ErrCorrupt)
		require.ErrorContains(t, err, why)
	}
}

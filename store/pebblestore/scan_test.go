package pebblestore

import (
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/storetest"
)

// scanAll scans a store, page by page.
func scanAll(t *testing.T, s *Store) (all []store.Scanned) {
	for after := steps.ID(0); ; {
		page, err := s.Scan(t.Context(), after, 7)
		require.NoError(t, err)
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
		after = page[len(page)-1].StepsID
	}
}

// A damaged record is told of by Scan, and keeps nothing else from being read.
func TestScanOfADamagedRecord(t *testing.T) {
	s := openMem(t)
	var ids []steps.ID
	for seed := range uint64(20) {
		w := storetest.NewWalk(seed)
		commit(t, s, w.Create())
		commit(t, s, w.Complete())
		commit(t, s, w.Complete())
		ids = append(ids, w.Activation.StepsID)
	}
	spoiled := map[steps.ID]func(key []byte) error{
		ids[3]: func([]byte) error { return s.db.Delete(appendChangeKey(nil, ids[3], 1), nil) },
		ids[9]: func([]byte) error { return s.db.Delete(appendChangeKey(nil, ids[9], 2), nil) },
		ids[19]: func([]byte) error {
			value, err := s.get(appendChangeKey(nil, ids[19], 3))
			require.NoError(t, err)
			value[20] ^= 1
			return s.db.Set(appendChangeKey(nil, ids[19], 3), value, nil)
		},
	}
	for id, spoil := range spoiled {
		require.NoError(t, spoil(nil), id)
	}
	all := scanAll(t, s)
	require.Len(t, all, len(ids))
	for i, scanned := range all {
		require.Equal(t, ids[i], scanned.StepsID)
		if spoiled[ids[i]] != nil {
			require.ErrorIs(t, scanned.Err, store.ErrCorrupt)
			continue
		}
		require.NoError(t, scanned.Err)
		require.Len(t, scanned.Entries, 3)
	}
}

// A block of a table that cannot be read takes the activations in it along, and
// no other.
func TestScanOfADamagedBlock(t *testing.T) {
	mem := vfs.NewMem()
	s, err := Open("store", &Options{FS: mem})
	require.NoError(t, err)
	var ids []steps.ID
	for seed := range uint64(200) {
		w := storetest.NewWalk(seed)
		for range 6 {
			commit(t, s, w.Next())
		}
		ids = append(ids, w.Activation.StepsID)
	}
	require.NoError(t, s.Compact(t.Context()))
	require.NoError(t, s.Close())
	damageTables(t, mem)

	s, err = Open("store", &Options{FS: mem})
	require.NoError(t, err)
	defer func() { _ = s.Close() }()
	all := scanAll(t, s)
	require.Len(t, all, len(ids))
	damaged := 0
	for i, scanned := range all {
		require.Equal(t, ids[i], scanned.StepsID)
		if scanned.Err != nil {
			require.ErrorIs(t, scanned.Err, store.ErrCorrupt)
			damaged++
		}
	}
	t.Logf("%d of %d", damaged, len(all))
	require.Greater(t, damaged, 5)
	require.Less(t, damaged, len(all)/2)
}

// damageTables flips a bit in the first third of each table, where the changes
// lie.
func damageTables(t *testing.T, mem vfs.FS) {
	files := readImage(t, mem, "store")
	for name, content := range files {
		if strings.HasSuffix(name, ".sst") && len(content) > 64<<10 {
			content = slices.Clone(content)
			content[len(content)/3] ^= 1
			require.NoError(t, write(mem, name, content))
		}
	}
}

package pebblestore

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/storetest"
)

// The contract, on the file system and in memory.
func TestContract(t *testing.T) {
	for name, fs := range map[string]func() vfs.FS{
		"disk":   func() vfs.FS { return vfs.Default },
		"memory": func() vfs.FS { return vfs.NewMem() },
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, storetest.Harness{
				Open: func(tb testing.TB) store.Store {
					st, err := Open(tb.TempDir(), &Options{FS: fs()})
					require.NoError(tb, err)
					return st
				},
				Reopen: func(tb testing.TB, closed store.Store) store.Store {
					old := closed.(*Store)
					st, err := Open(old.dir, &old.opts)
					require.NoError(tb, err)
					return st
				},
			})
		})
	}
}

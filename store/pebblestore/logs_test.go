package pebblestore

import (
	"maps"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"
)

// A log is used again as it is, unless it was condemned: then another is made in
// its place.
func TestReuseOfLogs(t *testing.T) {
	mem := vfs.NewMem()
	d := newDisk(mem)
	create := func(name string) {
		f, err := d.Create(name, vfs.WriteCategoryUnspecified)
		require.NoError(t, err)
		_, err = f.Write([]byte(personal))
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}
	reuse := func(oldname, newname string) string {
		f, err := d.ReuseForWrite(oldname, newname, vfs.WriteCategoryUnspecified)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		files := readImage(t, mem, "")
		require.NotContains(t, files, oldname)
		return string(files[newname])
	}
	create("1.log")
	create("2.log")
	require.Equal(t, personal, reuse("1.log", "3.log"))

	require.Equal(t, []string{"2.log", "3.log"}, d.logs.condemn())
	create("4.log")
	d.removeLogs([]string{"2.log", "3.log", "4.log"})
	require.Equal(t, []string{"4.log"}, slices.Collect(maps.Keys(readImage(t, mem, ""))), "the newest is in use")
	require.Empty(t, reuse("2.log", "5.log"), "it is gone")
	create("6.log")
	require.Equal(t, personal, reuse("4.log", "7.log"), "it came later")
	require.NoError(t, d.Remove("6.log"))
	require.Equal(t, []string{"3.log", "5.log", "7.log"}, d.logs.condemn(), "6.log is forgotten")
}

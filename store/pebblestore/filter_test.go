package pebblestore

import (
	"fmt"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

func bindingKeys(from, n int) [][]byte {
	keys := make([][]byte, n)
	for i := range keys {
		// A few users with many associations, and associations with many devices.
		keys[i] = appendBindingKey(nil, &steps.Binding{
			Association: fmt.Sprint("a", (from+i)/3),
			User:        fmt.Sprint("u", (from+i)/100),
			Device:      fmt.Sprint("d", (from+i)%3),
		})
	}
	return keys
}

// A filter that has grown several times forgets nothing, and seldom calls for a
// lookup in vain.
func TestFilter(t *testing.T) {
	const n = 20 * minLayer
	f := newFilter(0)
	f.ready.Store(true)
	added := bindingKeys(0, n)
	for _, key := range added {
		f.add(key)
	}
	for _, key := range added {
		require.True(t, f.mayHave(key))
	}
	vain := 0
	for _, key := range bindingKeys(n, n) {
		if f.mayHave(key) {
			vain++
		}
	}
	t.Logf("%d layers, %d of %d lookups in vain", len(f.layers), vain, n)
	require.Less(t, vain, n/50)
	require.Greater(t, len(f.layers), 2)
}

// A filter is read as it was saved, at the mark at which it was saved alone.
func TestFilterFile(t *testing.T) {
	fs := vfs.NewMem()
	at := mark{sequence: 7, sum: 9}
	f := newFilter(0)
	keys := bindingKeys(0, 3*minLayer)
	for _, key := range keys {
		f.add(key)
	}
	require.NoError(t, f.save(fs, "filter", at))
	require.Nil(t, loadFilter(fs, "filter", at), "one that is not ready is not saved")

	f.ready.Store(true)
	require.NoError(t, f.save(fs, "filter", at))
	loaded := loadFilter(fs, "filter", at)
	require.NotNil(t, loaded)
	require.Equal(t, f.layers, loaded.layers)
	require.Equal(t, f.room, loaded.room)
	require.True(t, loaded.ready.Load())
	require.Nil(t, loadFilter(fs, "filter", mark{sequence: 8, sum: 9}), "of another mark")

	whole := readImage(t, fs, "")["filter"]
	for _, n := range []int{0, 10, filterHeadLen, len(whole) - 1} {
		require.NoError(t, write(fs, "filter", whole[:n]))
		require.Nil(t, loadFilter(fs, "filter", at), "cut to %d bytes", n)
	}
	for _, bit := range []int{0, 8 * 16, 8 * 24, 8 * 28, 8*filterHeadLen + 1, 8*len(whole) - 1} {
		whole[bit/8] ^= 1 << (bit % 8)
		require.NoError(t, write(fs, "filter", whole))
		require.Nil(t, loadFilter(fs, "filter", at), "bit %d", bit)
		whole[bit/8] ^= 1 << (bit % 8)
	}
}

func TestFilterThatIsNotReady(t *testing.T) {
	f := newFilter(0)
	require.True(t, f.mayHave(bindingKeys(0, 1)[0]), "anything may be taken")
}

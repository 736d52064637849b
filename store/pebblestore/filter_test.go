package pebblestore

import (
	"fmt"
	"testing"

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

func TestFilterThatIsNotReady(t *testing.T) {
	f := newFilter(0)
	require.True(t, f.mayHave(bindingKeys(0, 1)[0]), "anything may be taken")
}

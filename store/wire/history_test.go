package wire_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/storetest"
	"github.com/stepgate/stepgate/store/wire"
)

// values returns a walk and the values of its changes.
func values(t *testing.T, n int) (*storetest.Walk, [][]byte) {
	w := storetest.NewWalk(1)
	all := make([][]byte, n)
	for i := range all {
		c := w.Next()
		var err error
		all[i], err = wire.AppendChange(nil, &c)
		require.NoError(t, err)
	}
	return w, all
}

func TestHistory(t *testing.T) {
	w, all := values(t, 6)
	var h wire.History
	for _, value := range all {
		require.NoError(t, h.Add(w.Activation.StepsID, value))
	}
	require.Equal(t, w.Activation, h.Activation)
	require.Equal(t, w.Entries, h.Entries)
}

func TestHistoryRefuses(t *testing.T) {
	w, all := values(t, 6)
	other := storetest.NewWalk(2)
	created, completed := other.Create(), other.Complete()
	created.Activation.StepsID = w.Activation.StepsID // as if it had been put in its place
	foreign, err := wire.AppendChange(nil, &created)
	require.NoError(t, err)
	completed.Activation.StepsID = w.Activation.StepsID
	next, err := wire.AppendChange(nil, &completed)
	require.NoError(t, err)

	for name, changes := range map[string][][]byte{
		"the first is missing":  all[1:],
		"one is missing":        {all[0], all[2]},
		"one comes twice":       {all[0], all[1], all[1]},
		"of another activation": {foreign},
		"a branch of the chain": {all[0], next},
		"an unreadable value":   {all[0], all[1][:20]},
		"the two are exchanged": {all[1], all[0]},
		"it is created anew":    {all[0], all[0]},
		"an empty value":        {{}},
	} {
		var h wire.History
		var err error
		for _, value := range changes {
			if err = h.Add(w.Activation.StepsID, value); err != nil {
				break
			}
		}
		require.ErrorIs(t, err, store.ErrCorrupt, name)
	}
}

// What an erasure leaves is a history that verifies, without the salt.
func TestHistoryOfErased(t *testing.T) {
	w := storetest.NewWalk(1)
	w.Create()
	w.Complete()
	var h wire.History
	for _, s := range erased(w) {
		value, err := wire.AppendChange(nil, &s.change)
		require.NoError(t, err)
		require.NoError(t, h.Add(w.Activation.StepsID, value))
	}
	require.Equal(t, w.Activation, h.Activation)
	require.Equal(t, w.Entries, h.Entries)

	first := erased(w)[0].change
	first.Entries[1].Digest[0]++
	value, err := wire.AppendChange(nil, &first)
	require.NoError(t, err)
	h = wire.History{}
	require.ErrorIs(t, h.Add(w.Activation.StepsID, value), store.ErrCorrupt, "another digest")
}

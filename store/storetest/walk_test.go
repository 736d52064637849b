package storetest

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

func TestWalkIsRepeatable(t *testing.T) {
	first, second := NewWalk(7), NewWalk(7)
	for range 20 {
		require.Equal(t, first.Next(), second.Next())
	}
	require.NotEqual(t, NewWalk(7).Activation, NewWalk(8).Activation)
}

func TestWalksHaveIDsOfTheirOwn(t *testing.T) {
	var before steps.ID
	for seed := range uint64(10_000) {
		a := NewWalk(seed).Activation
		require.Greater(t, a.StepsID, before)
		require.LessOrEqual(t, a.StepsID, steps.MaxID)
		before = a.StepsID
	}
}

func TestWalkLooksReal(t *testing.T) {
	uuid := regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	a := NewWalk(3).Activation
	require.Regexp(t, uuid, a.Association)
	require.Regexp(t, uuid, a.User)
	require.Regexp(t, uuid, a.Device)
	require.Regexp(t, `^VF3\d{14}$`, a.VIN)
}

// TestWalkIsConsistent checks each change of a long walk against the one
// before.
func TestWalkIsConsistent(t *testing.T) {
	w := NewWalk(1)
	moves := []func() store.Change{
		w.Create, w.Complete, w.Fail, w.Refuse, w.Complete, w.Complete, w.Refuse, w.Reset, w.Complete, w.Cancel, w.Reset, w.Next,
	}
	var before steps.Activation
	for i, move := range moves {
		change := move()
		after := change.Activation
		require.EqualValues(t, i, change.From)
		require.EqualValues(t, i+1, after.Revision)
		require.Len(t, change.Entries, 1)
		entry := &change.Entries[0]
		require.Equal(t, after.Revision, entry.Revision)
		require.Equal(t, before.State, entry.Before)
		require.Equal(t, after.State, entry.After)
		require.Equal(t, after.Epoch, entry.Epoch)
		require.Equal(t, entry.Chain(before.Hash, after.StepsID), entry.Hash)
		require.Equal(t, entry.Hash, after.Hash)
		require.Equal(t, store.Millis(entry.At), entry.At)
		if before.State != after.State {
			require.Equal(t, entry.At, after.Since)
		}
		before = after
	}
	require.Len(t, w.Entries, len(moves))
}

func TestJoin(t *testing.T) {
	w := NewWalk(1)
	w.Create()
	first, second := w.Complete(), w.Reset()
	joined := Join(first, second)
	require.Equal(t, first.From, joined.From)
	require.Equal(t, second.Activation, joined.Activation)
	require.Equal(t, w.Entries[1:], joined.Entries)
	require.Equal(t, second.Withdrawn, joined.Withdrawn)
}

package storetest

import (
	"regexp"
	"slices"
	"testing"
	"time"

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
	w.Activation.Deadline = w.now.Add(24 * time.Hour)
	known := steps.Evidence{Subject: steps.Subject{Step: steps.DeviceActivation}, Origin: steps.Origin{StepsID: 1, At: begin}}
	walkMoves := []func() store.Change{
		w.Create, w.Complete, w.Fail, w.Refuse, w.Complete, w.Complete, w.Refuse, w.Reset, w.Complete, w.Cancel, w.Reset, w.Next,
		func() store.Change { return w.Hold(steps.MediumCarKey) },
		func() store.Change { return w.Inherit(known) },
		w.Absorb,
		func() store.Change { return w.Revoke(steps.TrustedPhone) },
		func() store.Change { return w.Check(steps.TrustedPhone) },
		func() store.Change { return w.Lapse(steps.DeviceActivation) },
		func() store.Change { return w.Override(steps.DeviceActivation) },
		func() store.Change { return w.Move(2, append(w.Names, "one", "two")...) },
		func() store.Change { return w.Hold("two") },
		w.Drop,
		w.Lock,
		func() store.Change { return w.Unlock(steps.TrustedPhone) },
		w.Next, w.Next, w.Next,
		w.Expire,
		w.Reset,
	}
	var before steps.Activation
	for i, move := range walkMoves {
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
		require.Equal(t, entry.Chain(before.Hash, after.StepsID, after.Salt), entry.Hash)
		require.Equal(t, entry.Hash, after.Hash)
		require.Equal(t, store.Millis(entry.At), entry.At)
		require.Len(t, after.Proofs, len(w.Names))
		if before.State != after.State {
			require.Equal(t, entry.At, after.Since)
		}
		if slices.Contains(w.Names, string(after.State)) {
			require.False(t, after.Proofs[slices.Index(w.Names, string(after.State))].Done(), "what is next is to do")
		}
		before = after
	}
	require.Len(t, w.Entries, len(walkMoves))
	require.Nil(t, before.Held)
}

// TestWalkErased: what is left verifies without the salt, and what was given
// out before is as it was.
func TestWalkErased(t *testing.T) {
	w := NewWalk(1)
	w.Proves = true
	change := Join(w.Create(), w.Complete(), w.Hold(steps.MediumCarKey))
	before := copyChanges([]store.Change{change})
	subjects := w.Subjects()
	erasure := w.Erase()
	require.Equal(t, before[0], change)
	require.EqualValues(t, 3, erasure.From)
	require.Equal(t, subjects, erasure.Subjects)
	require.Equal(t, w.Entries, erasure.Entries)
	require.Equal(t, w.Activation, erasure.Activation)

	a := erasure.Activation
	require.Equal(t, steps.Activation{
		StepsID: change.Activation.StepsID, Service: steps.RemoteCommands, Plan: 1, Created: begin.Add(time.Millisecond),
		State: steps.StateErased, Since: erasure.Entries[3].At, EpochAt: begin.Add(time.Millisecond), Revision: 4, Hash: a.Hash,
	}, a)
	var head steps.Hash
	for i := range erasure.Entries {
		entry := &erasure.Entries[i]
		require.Equal(t, entry.Chain(head, a.StepsID, steps.Salt{}), entry.Hash)
		head = entry.Hash
	}
	require.Equal(t, head, a.Hash)
}

func TestWalkProves(t *testing.T) {
	w := NewWalk(1)
	w.Create()
	require.Empty(t, w.Complete().Proven)
	w.Proves, w.TTL = true, time.Hour
	change := w.Complete()
	entry, until := change.Entries[0], change.Entries[0].At.Add(time.Hour)
	require.Equal(t, []steps.Evidence{{
		Subject: steps.Subject{Step: steps.DeviceActivation, User: w.Activation.User, Device: w.Activation.Device},
		Until:   until,
		Origin:  steps.Origin{StepsID: w.Activation.StepsID, Event: entry.Event, At: entry.At},
	}}, change.Proven)
	require.Equal(t, steps.Proof{At: entry.At, Until: until, Revision: 3}, change.Activation.Proofs[1])
	w.TTL = 0
	require.Zero(t, w.Complete().Proven[0].Until)
}

func TestJoin(t *testing.T) {
	w := NewWalk(1)
	w.Proves = true
	w.Create()
	first := counting(w, w.Subject(steps.TrustedPhone), 0)
	changes := []store.Change{first, w.Complete(), w.Reset(), w.Complete()}
	changes[2].Tallies = []steps.Tally{w.Tally(steps.TrustedPhone, 2), w.Tally(steps.MediumCarKey, 1)}
	changes[3].Rests.Tallies = changes[2].Tallies
	before := copyChanges(changes)
	joined := Join(changes...)
	require.Equal(t, store.Change{
		From:       first.From,
		Rests:      first.Rests,
		Activation: w.Activation,
		Entries:    w.Entries[1:],
		Proven:     changes[3].Proven,
		Withdrawn:  changes[2].Withdrawn,
		Tallies:    changes[2].Tallies,
	}, joined)
	require.Equal(t, before, changes)
}

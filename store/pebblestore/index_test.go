package pebblestore

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

// indexOf returns the keys of the index.
func indexOf(t *testing.T, s *Store) (keys []string) {
	require.NoError(t, s.flushIndex(t.Context()))
	it, err := s.db.NewIter(nil)
	require.NoError(t, err)
	defer it.Close()
	for _, kind := range []byte{dueKind, stateKind, userKind, serviceKind} {
		for ok := it.SeekGE([]byte{kind}); ok && it.Key()[0] == kind; ok = it.Next() {
			if kind != userKind || it.Key()[userKeyLen] == activationKind {
				keys = append(keys, string(it.Key()))
			}
		}
	}
	return keys
}

// indexedAs returns the keys that the index must have of an activation.
func indexedAs(a *steps.Activation) []string {
	keys := []string{
		string(appendIndexKey(nil, stateKind, string(a.State), a.StepsID)),
		string(appendIndexKey(nil, serviceKind, a.Service, a.StepsID)),
	}
	if a.User != "" {
		user := userKeyOf(a.User)
		keys = append(keys, string(appendUserActivationKey(nil, &user, a.StepsID)))
	}
	if due := dueOf(a); due != never {
		keys = append(keys, string(appendDueKey(nil, due, a.StepsID)))
	}
	return keys
}

// The index has one state and one service of each activation, its user and when
// it is due, and nothing else, whether it was written little by little, at once,
// or made up for after a crash.
func TestIndex(t *testing.T) {
	fs := vfs.NewCrashableMem()
	s, err := Open("store", &Options{FS: fs, indexEvery: 4})
	require.NoError(t, err)
	l := newLedger()
	rng := rand.New(rand.NewPCG(1, 3))
	for range 3 {
		session(t, s, l, rng)
		session(t, s, l, rng)
		left := fs.CrashClone(vfs.CrashCloneCfg{})
		crashed, err := Open("store", &Options{FS: left})
		require.NoError(t, err)

		activations, err := s.Load(context.Background(), l.ids())
		require.NoError(t, err)
		var want []string
		for i := range activations {
			want = append(want, indexedAs(&activations[i])...)
		}
		require.ElementsMatch(t, want, indexOf(t, s), "written little by little")
		require.ElementsMatch(t, want, indexOf(t, crashed), "made up for")
		require.NoError(t, crashed.Close())
	}
	require.NoError(t, s.Close())
}

func TestCompact(t *testing.T) {
	s, err := Open("store", &Options{FS: vfs.NewMem()})
	require.NoError(t, err)
	l := newLedger()
	session(t, s, l, rand.New(rand.NewPCG(1, 4)))
	require.NoError(t, s.Compact(t.Context()))
	require.Zero(t, s.db.Metrics().Levels[0].TablesCount)
	require.NoError(t, l.verify(s, l.acked()))
	require.NoError(t, s.Close())
}

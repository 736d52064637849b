package pebblestore

import (
	"context"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/storetest"
)

func TestSmoke(t *testing.T) {
	for _, fs := range []vfs.FS{vfs.Default, vfs.NewMem()} {
		dir := t.TempDir()
		ctx := context.Background()
		s, err := Open(dir, &Options{FS: fs})
		require.NoError(t, err)
		var walks []*storetest.Walk
		for i := range 20 {
			w := storetest.NewWalk(uint64(i))
			walks = append(walks, w)
			for range 6 {
				require.NoError(t, s.Commit(ctx, []store.Change{w.Next()})[0])
			}
		}
		check := func() {
			for _, w := range walks {
				got, err := s.Load(ctx, []steps.ID{w.Activation.StepsID})
				require.NoError(t, err)
				require.Equal(t, w.Activation, got[0])
				h, err := s.History(ctx, []steps.ID{w.Activation.StepsID})
				require.NoError(t, err)
				require.Equal(t, w.Entries, h[0])
				f, err := s.Find(ctx, w.Activation.Binding)
				require.NoError(t, err)
				require.Equal(t, w.Activation, f)
			}
			told, err := s.Changes(ctx, "", 1000)
			require.NoError(t, err)
			require.Len(t, told, 120)
			l, err := s.List(ctx, store.Query{State: walks[0].Activation.State})
			require.NoError(t, err)
			require.Len(t, l, 20)
			l, err = s.List(ctx, store.Query{Service: steps.RemoteCommands, Limit: 7})
			require.NoError(t, err)
			require.Len(t, l, 7)
			l, err = s.List(ctx, store.Query{})
			require.NoError(t, err)
			require.Len(t, l, 20)
		}
		check()
		require.NoError(t, s.Close())
		s, err = Open(dir, &Options{FS: fs})
		require.NoError(t, err)
		check()
		require.NoError(t, s.Close())
	}
}

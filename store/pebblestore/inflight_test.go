package pebblestore

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/storetest"
)

// slowLog is a file system on which a sync of Pebble's log waits while it is held.
type slowLog struct {
	vfs.FS
	mu sync.RWMutex
}

func newSlowLog() *slowLog {
	s := &slowLog{}
	s.FS = errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind == errorfs.OpFileSyncData && strings.HasSuffix(op.Path, ".log") {
			s.mu.RLock()
			defer s.mu.RUnlock()
		}
		return nil
	}))
	return s
}

// What is not on the disk yet is told to nobody: reads that would show it wait,
// and others go on.
func TestNothingIsToldBeforeItIsDurable(t *testing.T) {
	log := newSlowLog()
	s, err := Open("store", &Options{FS: log})
	require.NoError(t, err)
	commit := func(c store.Change) error { return s.Commit(context.Background(), []store.Change{c})[0] }
	w, other := storetest.NewWalk(1), storetest.NewWalk(2)
	require.NoError(t, commit(w.Create()))
	require.NoError(t, commit(other.Create()))
	known := w.Activation.StepsID

	log.mu.Lock()
	fresh := storetest.NewWalk(3)
	completed, created := w.Complete(), fresh.Create()
	completed.Proven = []steps.Evidence{w.Evidence(steps.TrustedPhone)}
	results := make(chan []error, 1)
	go func() { results <- s.Commit(context.Background(), []store.Change{completed, created}) }()
	require.Eventually(t, func() bool { // it is on its way
		it, err := s.db.NewIter(nil)
		require.NoError(t, err)
		defer it.Close()
		return it.SeekGE(appendChangeKey(nil, known, 2)) && changeKeyID(it.Key()) == known
	}, 10*time.Second, time.Millisecond)

	revision, ok := s.Head(known)
	require.True(t, ok)
	require.EqualValues(t, 1, revision)
	_, ok = s.Head(fresh.Activation.StepsID)
	require.False(t, ok)
	told, err := s.Changes(t.Context(), "", 10)
	require.NoError(t, err)
	require.Len(t, told, 2)
	loaded, err := s.Load(t.Context(), []steps.ID{other.Activation.StepsID})
	require.NoError(t, err)
	require.Equal(t, other.Activation, loaded[0], "another activation")

	for name, read := range map[string]func(context.Context) error{
		"load":    func(ctx context.Context) error { _, err := s.Load(ctx, []steps.ID{known}); return err },
		"history": func(ctx context.Context) error { _, err := s.History(ctx, []steps.ID{known}); return err },
		"find":    func(ctx context.Context) error { _, err := s.Find(ctx, fresh.Activation.Binding); return err },
		"list":    func(ctx context.Context) error { _, err := s.List(ctx, store.Query{}); return err },
		"evidence": func(ctx context.Context) error {
			_, err := s.Evidence(ctx, []steps.Subject{w.Subject(steps.TrustedPhone)})
			return err
		},
		"commit that builds on it": func(ctx context.Context) error {
			next := *w
			return s.Commit(ctx, []store.Change{next.Complete()})[0]
		},
		"commit that it refuses": func(ctx context.Context) error {
			again := fresh.Activation
			twin := storetest.NewWalk(4)
			twin.Activation.Binding = again.Binding
			return s.Commit(ctx, []store.Change{twin.Create()})[0]
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		require.ErrorIs(t, read(ctx), context.DeadlineExceeded, "%s answered before it was durable", name)
		cancel()
	}

	log.mu.Unlock()
	require.Equal(t, []error{nil, nil}, <-results)
	loaded, err = s.Load(t.Context(), []steps.ID{known})
	require.NoError(t, err)
	require.GreaterOrEqual(t, loaded[0].Revision, uint32(2))
	require.NoError(t, s.Close())
}

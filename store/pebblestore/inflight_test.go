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
	completed.Tallies = []steps.Tally{w.Tally(steps.TrustedPhone, 1)}
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

	requireWait(t, map[string]func(context.Context) error{
		"load":    func(ctx context.Context) error { _, err := s.Load(ctx, []steps.ID{known}); return err },
		"history": func(ctx context.Context) error { _, err := s.History(ctx, []steps.ID{known}); return err },
		"scan":    func(ctx context.Context) error { _, err := s.Scan(ctx, 0, 10); return err },
		"find":    func(ctx context.Context) error { _, err := s.Find(ctx, fresh.Activation.Binding); return err },
		"list":    func(ctx context.Context) error { _, err := s.List(ctx, store.Query{}); return err },
		"evidence": func(ctx context.Context) error {
			_, err := s.Evidence(ctx, []steps.Subject{w.Subject(steps.TrustedPhone)})
			return err
		},
		"tallies": func(ctx context.Context) error {
			_, err := s.Tallies(ctx, []steps.Subject{w.Subject(steps.TrustedPhone)})
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
		"commit that rests on what it proves": func(ctx context.Context) error {
			c := storetest.NewWalk(5).Create()
			c.Rests.Evidence = []steps.Evidence{{Subject: w.Subject(steps.TrustedPhone)}}
			return s.Commit(ctx, []store.Change{c})[0]
		},
		"erasure that builds on it": func(ctx context.Context) error {
			next := storetest.NewWalk(0).From(w.Activation, 1)
			next.Entries = w.Entries
			return s.Erase(ctx, []store.Erasure{next.Erase()})[0]
		},
	})

	log.mu.Unlock()
	require.Equal(t, []error{nil, nil}, <-results)
	loaded, err = s.Load(t.Context(), []steps.ID{known})
	require.NoError(t, err)
	require.GreaterOrEqual(t, loaded[0].Revision, uint32(2))
	require.NoError(t, s.Close())
}

// requireWait requires that none of calls answers.
func requireWait(t *testing.T, calls map[string]func(context.Context) error) {
	for name, call := range calls {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		require.ErrorIs(t, call(ctx), context.DeadlineExceeded, "%s answered before it was durable", name)
		cancel()
	}
}

// An erasure takes away as well: until it is durable, nobody is told that
// something is not there.
func TestNothingIsMissingBeforeItIsErasedDurably(t *testing.T) {
	log := newSlowLog()
	s, err := Open("store", &Options{FS: log})
	require.NoError(t, err)
	w := storetest.NewWalk(1)
	w.Proves, w.TTL = true, time.Hour
	for range 3 {
		require.NoError(t, s.Commit(t.Context(), []store.Change{w.Next()})[0])
	}
	before := w.Activation
	subjects := w.Subjects()

	log.mu.Lock()
	result := make(chan error, 1)
	erasure := w.Erase()
	go func() { result <- s.Erase(context.Background(), []store.Erasure{erasure})[0] }()
	require.Eventually(t, func() bool { g := s.inFlight.Load(); return g != nil && g.erases }, 10*time.Second, time.Millisecond)
	require.Eventually(t, func() bool { // it is on its way
		value, err := s.get(appendBindingKey(nil, &before.Binding))
		return err == nil && value == nil
	}, 10*time.Second, time.Millisecond)

	revision, ok := s.Head(before.StepsID)
	require.True(t, ok)
	require.Equal(t, before.Revision, revision)
	requireWait(t, map[string]func(context.Context) error{
		"load":       func(ctx context.Context) error { _, err := s.Load(ctx, []steps.ID{before.StepsID}); return err },
		"find":       func(ctx context.Context) error { _, err := s.Find(ctx, before.Binding); return err },
		"due":        func(ctx context.Context) error { _, err := s.Due(ctx, time.Now().AddDate(100, 0, 0), 0); return err },
		"evidence":   func(ctx context.Context) error { _, err := s.Evidence(ctx, subjects); return err },
		"changes":    func(ctx context.Context) error { _, err := s.Changes(ctx, "", 10); return err },
		"list":       func(ctx context.Context) error { _, err := s.List(ctx, store.Query{User: before.User}); return err },
		"a new bind": func(ctx context.Context) error { return s.Commit(ctx, []store.Change{rebind(before.Binding)})[0] },
	})

	log.mu.Unlock()
	require.NoError(t, <-result)
	_, err = s.Find(t.Context(), before.Binding)
	require.NotErrorIs(t, err, store.ErrCorrupt)
	require.NoError(t, s.Close())
}

// rebind returns a new activation of a binding.
func rebind(binding steps.Binding) store.Change {
	w := storetest.NewWalk(9)
	w.Activation.Binding = binding
	return w.Create()
}

package pebblestore

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/storetest"
)

// needs skips a test for which the machine lacks something, unless
// STEPGATE_REQUIRE names it.
func needs(t *testing.T, what string, err error) {
	switch {
	case err == nil:
	case slices.Contains(strings.Split(os.Getenv("STEPGATE_REQUIRE"), ","), what):
		t.Fatalf("STEPGATE_REQUIRE has %s: %v", what, err)
	default:
		t.Skipf("SKIPPED, for want of %s: %v", what, err)
	}
}

// tmpfs mounts a small disk.
func tmpfs(t *testing.T, options string) string {
	dir := t.TempDir()
	needs(t, "tmpfs", syscall.Mount("tmpfs", dir, "tmpfs", 0, options))
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	return dir
}

func TestDiskFull(t *testing.T) {
	t.Run("injected", func(t *testing.T) {
		var full atomic.Bool
		fs := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
			if full.Load() && (op.Kind == errorfs.OpFileWrite || op.Kind == errorfs.OpFileWriteAt || op.Kind == errorfs.OpCreate) {
				return syscall.ENOSPC
			}
			return nil
		}))
		diskFull(t, "store", Options{FS: fs}, func() { full.Store(true) }, func() { full.Store(false) })
	})
	t.Run("tmpfs", func(t *testing.T) {
		dir := tmpfs(t, "size=16m")
		ballast := filepath.Join(dir, "ballast")
		diskFull(t, filepath.Join(dir, "store"), Options{}, func() { fillDisk(t, ballast) }, func() {
			require.NoError(t, os.Remove(ballast))
		})
	})
}

func fillDisk(t *testing.T, ballast string) {
	f, err := os.Create(ballast)
	require.NoError(t, err)
	defer f.Close()
	for {
		if _, err = f.Write(make([]byte, 4096)); err != nil {
			break
		}
	}
	require.ErrorIs(t, err, syscall.ENOSPC)
}

// diskFull fills the disk under a store and empties it again. Meanwhile the
// store refuses commits and answers reads; afterwards it goes on by itself.
func diskFull(t *testing.T, dir string, opts Options, fill, empty func()) {
	opts.MemTableBytes = 256 << 10
	s, err := Open(dir, &opts)
	require.NoError(t, err)
	l := newLedger()
	rng := rand.New(rand.NewPCG(1, 1))
	session(t, s, l, rng)
	acked := l.acked()
	require.Eventually(t, func() bool { return purged(t, s) }, 10*time.Second, time.Millisecond, "the commit is to wait for space first")

	fill()
	w := storetest.NewWalk(walkSeed.Add(1))
	commit := func(ctx context.Context) error {
		c := w.Next()
		l.given(&c)
		err := s.Commit(ctx, []store.Change{c})[0]
		if err == nil {
			l.acknowledged(&c.Activation)
		}
		return err
	}
	for err == nil { // what is allocated already may yet be written
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		err = commit(ctx)
		cancel()
	}
	require.ErrorIs(t, err, store.ErrUnavailable)
	require.ErrorIs(t, err, context.DeadlineExceeded, "its outcome is not known yet")
	require.ErrorIs(t, s.Commit(t.Context(), []store.Change{storetest.NewWalk(walkSeed.Add(1)).Next()})[0], errFull, "refused at once")
	for _, a := range ask(s, slices.Collect(maps.Keys(acked))) {
		require.NoError(t, a.err, "reading while the disk is full")
		require.NoError(t, l.verifyAnswer(&a, acked[a.id]))
	}

	empty()
	require.Eventually(t, func() bool { return !s.disk.full() }, 10*time.Second, time.Millisecond)
	require.NoError(t, commit(t.Context()), "the commit before had been waiting, and came before this one")
	session(t, s, l, rng)
	require.NoError(t, l.verify(s, l.acked()))
	require.NoError(t, s.Close())
	s, err = Open(dir, &opts)
	require.NoError(t, err)
	require.NoError(t, l.verify(s, l.acked()))
	require.NoError(t, s.Close())
}

// TestCloseOnFullDisk: Close does not wait for ever, and loses nothing.
func TestCloseOnFullDisk(t *testing.T) {
	var full atomic.Bool
	mem := vfs.NewMem()
	fs := errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if full.Load() && op.Kind == errorfs.OpFileWrite {
			return syscall.ENOSPC
		}
		return nil
	}))
	s, err := Open("store", &Options{FS: fs})
	require.NoError(t, err)
	l := newLedger()
	session(t, s, l, rand.New(rand.NewPCG(1, 2)))
	full.Store(true)
	require.ErrorIs(t, s.Close(), store.ErrUnavailable)

	s, err = Open("store", &Options{FS: mem})
	require.NoError(t, err)
	require.NoError(t, l.verify(s, l.acked()))
	require.NoError(t, s.Close())
}

// TestDiskFails lets a write to the disk fail, each time another one: while a
// store is opened, used, or closed. Nothing hangs and nothing ends the process;
// whatever was acknowledged is there after a restart.
func TestDiskFails(t *testing.T) {
	t.Logf("-seed %d", *seed)
	rng := rand.New(rand.NewPCG(*seed, 3))
	trials := 60
	if *long {
		trials = 600
	}
	failures := 0
	for range trials {
		failing := rng.Int32N(400)
		failed, err := diskFails(t, errorfs.OnIndex(failing))
		require.NoError(t, err, "-seed %d, write %d", *seed, failing)
		if failed {
			failures++
		}
	}
	require.Greater(t, failures, trials/2)
}

// diskFails reports whether a store failed, and returns what is wrong with what
// it left.
func diskFails(t *testing.T, fails errorfs.Injector) (failed bool, err error) {
	mem := vfs.NewCrashableMem()
	fs := errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind.ReadOrWrite() == errorfs.OpIsRead || op.Kind == errorfs.OpFileClose || op.Kind == errorfs.OpFilePreallocate {
			return nil
		}
		if fails.MaybeError(op) != nil {
			return syscall.EIO
		}
		return nil
	}))
	l := newLedger()
	for range 3 {
		if failed = useUntilDown(t, fs, l) != nil; failed {
			break
		}
	}
	c := cut{fs: mem.CrashClone(vfs.CrashCloneCfg{}), acked: l.acked()}
	return failed, c.verify(l, false)
}

// useUntilDown opens a store, uses and closes it, and returns the first failure.
func useUntilDown(t *testing.T, fs vfs.FS, l *ledger) error {
	s, err := Open("store", &Options{FS: fs, MemTableBytes: 32 << 10})
	if err != nil {
		return err
	}
	for i := range 30 {
		w := storetest.NewWalk(walkSeed.Add(1))
		c := w.Next()
		l.given(&c)
		if err = s.Commit(t.Context(), []store.Change{c})[0]; err != nil {
			break
		}
		l.acknowledged(&c.Activation)
		if i%10 < 9 {
			continue
		}
		e := w.Erase()
		l.erasing(&e)
		if err = s.Erase(t.Context(), []store.Erasure{e})[0]; err != nil {
			break
		}
		l.acknowledged(&e.Activation)
	}
	if err != nil {
		require.ErrorIs(t, err, store.ErrUnavailable)
		require.ErrorIs(t, err, syscall.EIO, "the cause")
		_, err = s.Load(t.Context(), []steps.ID{1})
		require.ErrorIs(t, err, store.ErrUnavailable, "a store that is down answers nothing")
	}
	return errors.Join(err, s.Close())
}

func TestOpenRefuses(t *testing.T) {
	t.Run("what is no store's", func(t *testing.T) {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "thesis.txt"), nil, 0o600))
		_, err := Open(dir, nil)
		require.ErrorContains(t, err, `holds "thesis.txt", which is no store's: choose an empty directory`)
	})
	t.Run("a file", func(t *testing.T) {
		name := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(name, nil, 0o600))
		_, err := Open(name, nil)
		require.ErrorContains(t, err, "not a directory")
	})
	t.Run("a read-only disk", func(t *testing.T) {
		dir := tmpfs(t, "size=1m,ro")
		_, err := Open(filepath.Join(dir, "store"), nil)
		require.ErrorIs(t, err, store.ErrUnavailable)
		require.ErrorContains(t, err, "make it writable, or choose another")
	})
}

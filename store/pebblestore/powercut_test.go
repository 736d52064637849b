package pebblestore

import (
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

var (
	long = flag.Bool("long", os.Getenv("STEPGATE_LONG") != "", "simulate 10,000 power cuts, not 2,000")
	seed = flag.Uint64("seed", rand.Uint64(), "of the power cuts and of the damage")
)

const (
	cutsPerLife = 40
	maxEntries  = 600 // of a store; a new one takes over from there
)

// TestPowerCuts cuts the power of running stores before random writes to the
// disk: while they are opened, written to by several goroutines at once, and
// closed. Of what was written and not synced, a random part survives, block by
// block. Whatever was acknowledged must be there, whole, and nothing may be half
// there. Each life after the first begins with what a cut left.
func TestPowerCuts(t *testing.T) {
	cuts := 2000
	if *long {
		cuts = 10_000
	}
	t.Logf("-seed %d", *seed)
	rng := rand.New(rand.NewPCG(*seed, 0))
	l, fs := newLedger(), vfs.NewCrashableMem()
	for life := range cuts / cutsPerLife {
		left := cutPower(t, l, fs, rng, Options{})
		require.Len(t, left, cutsPerLife)
		for i, c := range left {
			require.NoError(t, c.verify(l, i%8 == 0), "-seed %d, life %d, cut %d", *seed, life, i)
		}
		if l.entryCount() > maxEntries {
			l, fs = newLedger(), vfs.NewCrashableMem()
			continue
		}
		fs = left[rng.IntN(len(left))].fs
		l = found(t, l, fs)
	}
}

// TestPowerCutsControl is the control of TestPowerCuts: a store that
// acknowledges what it has not synced is caught, and one that can erase half of
// an activation.
func TestPowerCutsControl(t *testing.T) {
	for name, opts := range map[string]Options{
		"without a sync": {noSync: true},
		"a torn erasure": {tornErase: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Logf("-seed %d", *seed)
			rng := rand.New(rand.NewPCG(*seed, 0))
			caught, cuts := 0, 0
			for ; caught == 0 && cuts < 2000; cuts += cutsPerLife {
				l := newLedger()
				for _, c := range cutPower(t, l, vfs.NewCrashableMem(), rng, opts) {
					if c.verify(l, false) != nil {
						caught++
					}
				}
			}
			t.Logf("caught %d of %d", caught, cuts)
			require.Positive(t, caught)
		})
	}
}

// cut is what a power cut left, and what had been acknowledged before it.
type cut struct {
	fs    *vfs.MemFS
	acked map[steps.ID]uint32
	opts  Options
}

// verify opens what a cut left, once or twice, and returns what is wrong with it.
func (c *cut) verify(l *ledger, twice bool) error {
	opts := c.opts
	opts.FS = c.fs
	s, err := Open("store", &opts)
	if err != nil {
		return err
	}
	if err := errors.Join(l.verify(s, c.acked), s.Close()); err != nil || !twice {
		return err
	}
	return c.verify(l, false)
}

// cutPower lets a store live on fs until its power was cut often enough.
func cutPower(t *testing.T, l *ledger, fs *vfs.MemFS, rng *rand.Rand, opts Options) []cut {
	opts.MemTableBytes = 32 << 10 << rng.IntN(3)
	opts.indexEvery = 8
	opts.Heads = 16
	opts.CacheBytes = 1 << 20
	l.sparing = 4
	c := &cutter{ledger: l, fs: fs, opts: opts, rng: rand.New(rand.NewPCG(rng.Uint64(), 0))}
	opts.FS = errorfs.Wrap(fs, errorfs.InjectorFunc(c.before))
	for !c.finished() {
		s, err := Open("store", &opts)
		require.NoError(t, err)
		session(t, s, l, rng)
		require.NoError(t, s.Close())
	}
	return c.cuts
}

// cutter cuts the power of a file system before random writes.
type cutter struct {
	ledger *ledger
	fs     *vfs.MemFS
	opts   Options

	mu   sync.Mutex
	rng  *rand.Rand
	wait int // for so many writes more
	cuts []cut
}

func (c *cutter) finished() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.cuts) == cutsPerLife
}

// before comes before every operation, and never fails one.
func (c *cutter) before(op errorfs.Op) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if op.Kind.ReadOrWrite() == errorfs.OpIsRead || len(c.cuts) == cutsPerLife {
		return nil
	}
	if c.wait--; c.wait > 0 {
		return nil
	}
	c.wait = 1 + c.rng.IntN(24)
	acked := c.ledger.acked()
	left := c.fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: c.rng.IntN(101), RNG: c.rng})
	c.cuts = append(c.cuts, cut{fs: left, acked: acked, opts: c.opts})
	return nil
}

// found returns the ledger of what there is in a store.
func found(t *testing.T, l *ledger, fs vfs.FS) *ledger {
	s, err := Open("store", &Options{FS: fs})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	activations, err := s.Load(t.Context(), l.ids())
	require.NoError(t, err)
	return l.cutBack(activations)
}

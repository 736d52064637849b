package pebblestore

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"
)

// image is the files of a store, by their path.
type image map[string][]byte

// TestDamage flips bits in the files of stores, and cuts files short. Whatever
// was acknowledged comes back exactly, or opening or reading fails.
func TestDamage(t *testing.T) {
	trials := 300 // of each image
	if *long {
		trials = 3000
	}
	for name, stop := range map[string]func(*testing.T, *Store, *vfs.MemFS) *vfs.MemFS{"closed": closed, "crashed": crashed} {
		t.Run(name, func(t *testing.T) {
			t.Logf("-seed %d", *seed)
			whole, l := makeImage(t, stop)
			require.NoError(t, whole.verify(l, &Options{}), "the image without damage")
			found := damage(t, whole, l, trials, &Options{})
			t.Logf("%v", found)
			require.Empty(t, found.wrong, "-seed %d", *seed)
			require.Positive(t, found.refused, "no damage did any harm")
		})
	}
}

// TestDamageControl is the control of TestDamage: it catches a store that
// trusts Pebble to notice.
func TestDamageControl(t *testing.T) {
	t.Logf("-seed %d", *seed)
	whole, l := makeImage(t, crashed)
	found := damage(t, whole, l, 300, &Options{noSeal: true})
	t.Logf("%v", found)
	require.NotEmpty(t, found.wrong, "Pebble alone gave no wrong answer")
}

// TestDamageOfNewestCommits shows what the package comment owns up to: damage
// to what was committed after the newest seal cannot be told from a write that
// the crash cut off.
func TestDamageOfNewestCommits(t *testing.T) {
	whole, l := makeImage(t, crashedUnsealed)
	found := damage(t, whole, l, 300, &Options{})
	t.Logf("%v", found)
	for _, err := range found.wrong {
		require.ErrorContains(t, err, "were acknowledged", "a loss, and nothing worse")
	}
}

// closed closes a store, and returns what it leaves.
func closed(t *testing.T, s *Store, fs *vfs.MemFS) *vfs.MemFS {
	require.NoError(t, s.Close())
	return fs
}

// crashed cuts the power of a store once it has sealed what it acknowledged.
func crashed(t *testing.T, s *Store, fs *vfs.MemFS) *vfs.MemFS {
	var left *vfs.MemFS
	require.Eventually(t, func() bool {
		left = fs.CrashClone(vfs.CrashCloneCfg{})
		sealed, _, err := readSeal(left, s.dir)
		return err == nil && sealed.at == *s.durable.Load()
	}, 10*time.Second, time.Millisecond)
	require.NoError(t, s.Close())
	return left
}

// crashedUnsealed cuts the power of a store at once.
func crashedUnsealed(t *testing.T, s *Store, fs *vfs.MemFS) *vfs.MemFS {
	left := fs.CrashClone(vfs.CrashCloneCfg{})
	require.NoError(t, s.Close())
	return left
}

// makeImage makes the files of a store that has a list of files, tables, and a
// log with something in it.
func makeImage(t *testing.T, stop func(*testing.T, *Store, *vfs.MemFS) *vfs.MemFS) (image, *ledger) {
	fs := vfs.NewCrashableMem()
	l := newLedger()
	l.sparing = 4
	rng := rand.New(rand.NewPCG(*seed, 1))
	opts := &Options{FS: fs, MemTableBytes: 64 << 10, indexEvery: 16}
	for range 2 {
		s, err := Open("store", opts)
		require.NoError(t, err)
		session(t, s, l, rng)
		require.NoError(t, s.Close())
	}
	s, err := Open("store", opts)
	require.NoError(t, err)
	for range 4 {
		session(t, s, l, rng)
	}
	return readImage(t, stop(t, s, fs), "store"), l
}

func readImage(t *testing.T, fs vfs.FS, dir string) image {
	files := make(image)
	names, err := fs.List(dir)
	require.NoError(t, err)
	for _, name := range names {
		at := path.Join(dir, name)
		info, err := fs.Stat(at)
		require.NoError(t, err)
		if info.IsDir() {
			maps.Copy(files, readImage(t, fs, at))
			continue
		}
		f, err := fs.Open(at)
		require.NoError(t, err)
		files[at], err = io.ReadAll(f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}
	return files
}

// verify opens the image, and returns what is wrong with it.
func (m image) verify(l *ledger, o *Options) (err error) {
	fs := vfs.NewMem()
	for at, content := range m {
		if err := errors.Join(fs.MkdirAll(path.Dir(at), 0o755), write(fs, at, content)); err != nil {
			return err
		}
	}
	opts := *o
	opts.FS = fs
	s, err := Open("store", &opts)
	if err != nil {
		return err
	}
	err = l.verify(s, l.acked())
	_ = s.Close() // it may fail to write what it could not read
	return err
}

func write(fs vfs.FS, name string, content []byte) error {
	f, err := fs.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = f.Write(slices.Clone(content)) // Pebble spoils what it was given, under -race
	return errors.Join(err, f.Close())
}

// findings is what became of damaged images.
type findings struct {
	harmless int
	refused  int
	wrong    []error
}

func (f findings) String() string {
	return fmt.Sprintf("%d harmless, %d refused, %d wrong: %v", f.harmless, f.refused, len(f.wrong), errors.Join(f.wrong...))
}

// damage damages an image so many times, each time anew, every kind of file as
// often as any other.
func damage(t *testing.T, whole image, l *ledger, trials int, opts *Options) (found findings) {
	rng := rand.New(rand.NewPCG(*seed, 2))
	kinds := make(map[string][]string)
	for at, content := range whole {
		if len(content) > 0 {
			kind := strings.Trim(path.Base(at), "0123456789-")
			kinds[kind] = append(kinds[kind], at)
		}
	}
	order := slices.Sorted(maps.Keys(kinds))
	for trial := range trials {
		kind := kinds[order[trial%len(order)]]
		slices.Sort(kind)
		at := kind[rng.IntN(len(kind))]
		m := maps.Clone(whole)
		m[at] = slices.Clone(whole[at])
		var what string
		if rng.IntN(8) == 0 {
			n := rng.IntN(len(m[at]))
			m[at] = m[at][:n]
			what = fmt.Sprintf("%s cut to %d of %d bytes", at, n, len(whole[at]))
		} else {
			n := rng.IntN(8 * len(m[at]))
			m[at][n/8] ^= 1 << (n % 8)
			what = fmt.Sprintf("bit %d of %s, byte %d of %d", n%8, at, n/8, len(whole[at]))
		}
		switch err := m.verify(l, opts); {
		case err == nil:
			found.harmless++
		case errors.Is(err, errWrong):
			found.wrong = append(found.wrong, fmt.Errorf("%s: %w", what, err))
		default:
			found.refused++
		}
	}
	return found
}

package pebblestore

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/stepgate/stepgate/store"
)

// What lies in the directory of a store.
const (
	dbName     = "db"     // Pebble's
	sealName   = "seal"   // how far the feed reaches at least
	filterName = "filter" // which bindings are not taken, and which users unknown, as of the last close
	pidName    = "pid"    // who has it open

	lockName = "LOCK" // Pebble's, in dbName
)

func (s *Store) dbDir() string { return s.disk.PathJoin(s.dir, dbName) }

func (s *Store) filterName() string { return s.disk.PathJoin(s.dir, filterName) }

// makeDir makes the directory of a store, durably, or sees that it is one. What
// else lies beside a store is not its concern.
func makeDir(fsys vfs.FS, dir string) error {
	names, err := fsys.List(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w: choose a directory that can be read", store.ErrUnavailable, err)
	}
	isStore := slices.Contains(names, dbName)
	for _, name := range names {
		if !isStore && !slices.Contains([]string{sealName, pidName, filterName}, name) {
			return fmt.Errorf("%w: it holds %q, which is no store's: choose an empty directory", store.ErrUnavailable, name)
		}
	}
	db := fsys.PathJoin(dir, dbName)
	parents := missing(fsys, db)
	if err := fsys.MkdirAll(db, 0o755); err != nil {
		return notWritable(err)
	}
	for _, parent := range parents {
		if err := syncDir(fsys, parent); err != nil {
			return notWritable(err)
		}
	}
	return nil
}

// missing returns the directories above dir that do not exist, and the first
// one that does: those in which a name is new once dir has been made.
func missing(fsys vfs.FS, dir string) []string {
	var parents []string
	for {
		parent := fsys.PathDir(dir)
		parents = append(parents, parent)
		if _, err := fsys.Stat(parent); err == nil || parent == dir {
			return parents
		}
		dir = parent
	}
}

func syncDir(fsys vfs.FS, dir string) error {
	f, err := fsys.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// notWritable says what to do about a directory that cannot be written.
func notWritable(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("%w: %w: a store writes to its directory: make it writable, or choose another", store.ErrUnavailable, err)
	}
	return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
}

// lock takes the directory for this process: by the lock that Pebble would take
// for itself, but which must also be given back where Pebble cannot be closed
// any more. The operating system gives it back when the process ends, however
// it ends; the file with the process ID is there to say whom to ask.
func lock(fsys vfs.FS, dir string) (io.Closer, error) {
	l, err := fsys.Lock(fsys.PathJoin(dir, dbName, lockName))
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return nil, notWritable(err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: in use by pid %s: a store serves one process", store.ErrUnavailable, readPID(fsys, dir))
	}
	if err := writePID(fsys, dir); err != nil {
		return nil, errors.Join(notWritable(err), l.Close())
	}
	return l, nil
}

// Lock gives Pebble a lock that does nothing: the store has the real one.
func (d *disk) Lock(string) (io.Closer, error) { return io.NopCloser(nil), nil }

func readPID(fsys vfs.FS, dir string) string {
	f, err := fsys.Open(fsys.PathJoin(dir, pidName))
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 20))
	if err != nil || len(text) == 0 {
		return "unknown"
	}
	return strings.TrimSpace(string(text))
}

func writePID(fsys vfs.FS, dir string) error {
	f, err := fsys.Create(fsys.PathJoin(dir, pidName), vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = f.Write([]byte(strconv.Itoa(os.Getpid()) + "\n"))
	return errors.Join(err, f.Close())
}

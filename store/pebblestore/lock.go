package pebblestore

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/stepgate/stepgate/store"
)

// lock takes the directory for this process. The operating system gives it
// back when the process ends, however it ends; the file of the process ID only
// tells others whom to ask.
func lock(fs vfs.FS, dir string) (*pebble.Lock, error) {
	l, err := pebble.LockDirectory(fs.PathJoin(dir, dbName), fs)
	if err != nil {
		return nil, fmt.Errorf("%w: %s is in use by pid %s; a store serves one process (%w)",
			store.ErrUnavailable, dir, readPID(fs, dir), err)
	}
	if err := writePID(fs, dir); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

func readPID(fs vfs.FS, dir string) string {
	f, err := fs.Open(fs.PathJoin(dir, pidName))
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

func writePID(fs vfs.FS, dir string) error {
	f, err := fs.Create(fs.PathJoin(dir, pidName), vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = f.Write([]byte(strconv.Itoa(os.Getpid()) + "\n"))
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}

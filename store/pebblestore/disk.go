package pebblestore

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// disk is the file system that the store and Pebble write through. Pebble ends
// the process, or worse, when a write fails. So no failure reaches it: a write
// that finds no space waits until there is some, and meanwhile the store
// refuses commits; after any other failure the store is down, and the write and
// all that follow wait for ever. A restart then reads what really is on the
// disk.
type disk struct {
	vfs.FS
	guards  atomic.Bool  // no failure is returned; before that, all are
	patient atomic.Bool  // who finds no space waits; before that, it is a failure
	waiting atomic.Int32 // how many wait for space
	logs    logs

	once  sync.Once
	down  chan struct{} // closed when the store is down
	cause error         // why it is
}

func newDisk(fs vfs.FS) *disk { return &disk{FS: fs, down: make(chan struct{})} }

// spacePoll is how often who found no space tries again.
const spacePoll = 50 * time.Millisecond

// full reports whether somebody waits for space.
func (d *disk) full() bool { return d.waiting.Load() > 0 }

// fail takes the store down.
func (d *disk) fail(cause error) {
	d.once.Do(func() {
		d.cause = cause
		close(d.down)
	})
}

// failed returns why the store is down, or nil.
func (d *disk) failed() error {
	select {
	case <-d.down:
		return d.cause
	default:
		return nil
	}
}

// noSpace reports whether an error goes away when somebody makes room.
func noSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EROFS)
}

// barrier keeps everybody from the disk of a store that is down: what is on it
// now is what a restart must find, and another may have opened it.
func (d *disk) barrier() {
	if d.guards.Load() && d.failed() != nil {
		select {}
	}
}

// do makes a change to the disk, again and again while there is no space. What
// it names in an error is the change.
func (d *disk) do(name string, change func() error) error {
	d.barrier()
	err := change()
	if noSpace(err) && d.patient.Load() {
		err = d.wait(change)
	}
	return d.guard(name, err)
}

// wait tries a change until there is space for it.
func (d *disk) wait(change func() error) error {
	d.waiting.Add(1)
	defer d.waiting.Add(-1)
	for {
		select {
		case <-time.After(spacePoll):
		case <-d.down:
		}
		d.barrier()
		if err := change(); !noSpace(err) {
			return err
		}
	}
}

// guard returns err, unless nobody may see it.
func (d *disk) guard(name string, err error) error {
	if err != nil && d.guards.Load() {
		d.fail(fmt.Errorf("%s: %w", name, err))
		d.barrier()
	}
	return err
}

// sync makes durable. It is not tried again: the second time may succeed
// without having written what the first lost.
func (d *disk) sync(name string, change func() error) error {
	d.barrier()
	return d.guard(name, change())
}

func (d *disk) open(name string, open func() (vfs.File, error)) (vfs.File, error) {
	var f vfs.File
	err := d.do("open "+name, func() (err error) {
		f, err = open()
		return err
	})
	if err != nil {
		return nil, err
	}
	return &file{File: f, disk: d, name: name}, nil
}

// Create creates a file. One of Pebble's markers, whose name says which list of
// files counts, comes after that list is in the directory for good: Pebble leaves
// it to the file system which of the two survives a power cut.
func (d *disk) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	if isLog(name) {
		d.logs.add(name)
		return d.createLog(name, category)
	}
	if strings.HasPrefix(d.PathBase(name), "marker.") {
		if err := syncDir(d, d.PathDir(name)); err != nil {
			return nil, err
		}
	}
	return d.open(name, func() (vfs.File, error) { return d.FS.Create(name, category) })
}

// createLog creates a file of Pebble's log, and has it filled ahead.
func (d *disk) createLog(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := d.open(name, func() (vfs.File, error) { return d.FS.Create(name, category) })
	if err != nil {
		return nil, err
	}
	return fillAhead(f), nil
}

// ReuseForWrite opens an old file of Pebble's log as a new one, or makes a new
// one where the old one is condemned.
func (d *disk) ReuseForWrite(oldname, newname string, category vfs.DiskWriteCategory) (vfs.File, error) {
	if !d.logs.reuse(oldname, newname) {
		d.removeLogs([]string{oldname})
		return d.createLog(newname, category)
	}
	f, err := d.open(newname, func() (vfs.File, error) { return d.FS.ReuseForWrite(oldname, newname, category) })
	if err != nil {
		return nil, err
	}
	return fillAhead(f), nil
}

// OpenReadWrite opens a file, which it creates where there is none.
func (d *disk) OpenReadWrite(name string, category vfs.DiskWriteCategory, opts ...vfs.OpenOption) (vfs.File, error) {
	return d.open(name, func() (vfs.File, error) { return d.FS.OpenReadWrite(name, category, opts...) })
}

// OpenDir opens a directory, to sync it.
func (d *disk) OpenDir(name string) (vfs.File, error) {
	return d.open(name, func() (vfs.File, error) { return d.FS.OpenDir(name) })
}

// Link links a file to a second name.
func (d *disk) Link(oldname, newname string) error {
	return d.do("link "+oldname, func() error { return d.FS.Link(oldname, newname) })
}

// Rename renames a file.
func (d *disk) Rename(oldname, newname string) error {
	return d.do("rename "+oldname, func() error { return d.FS.Rename(oldname, newname) })
}

// MkdirAll makes a directory and its parents.
func (d *disk) MkdirAll(dir string, perm os.FileMode) error {
	return d.do("make "+dir, func() error { return d.FS.MkdirAll(dir, perm) })
}

// Remove removes a file. It may fail: what is left over is removed at the next
// start.
func (d *disk) Remove(name string) error {
	d.barrier()
	if isLog(name) {
		d.logs.remove(name)
	}
	return d.FS.Remove(name)
}

// removeLogs removes condemned files of Pebble's log, of which nothing is needed
// any more. Pebble need not know: where it would use one again, it gets another.
func (d *disk) removeLogs(names []string) {
	d.barrier()
	for _, name := range names {
		if name != d.logs.newest() {
			_ = d.FS.Remove(name) // it may be gone; otherwise the next start removes it
		}
	}
}

func isLog(name string) bool { return strings.HasSuffix(name, ".log") }

// RemoveAll removes a directory. It may fail, as Remove may.
func (d *disk) RemoveAll(name string) error {
	d.barrier()
	return d.FS.RemoveAll(name)
}

// Unwrap returns the file system underneath.
func (d *disk) Unwrap() vfs.FS { return d.FS }

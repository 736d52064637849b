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

// disk is the file system that Pebble and the store write through. Pebble ends
// the process when a write fails; so no write here ever fails once the store
// is running. One that finds no space waits until there is some, and meanwhile
// the store refuses commits. After any other error the store is down: the
// write, and every one after it, waits for ever, and only a restart, which
// reads what really is on the disk, goes on.
type disk struct {
	vfs.FS
	running atomic.Bool  // until then, errors are returned
	waiting atomic.Int32 // writes that wait for space

	once  sync.Once
	cause error
	down  chan struct{} // closed when the store is down; cause says why
}

func newDisk(fs vfs.FS) *disk { return &disk{FS: fs, down: make(chan struct{})} }

// spacePoll is how often a write that found no space tries again.
const spacePoll = 50 * time.Millisecond

// full reports whether a write waits for space.
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

// try does what changes the disk until it succeeds.
func (d *disk) try(what string, change func() error) error {
	d.barrier()
	err := change()
	if err == nil || !d.running.Load() {
		return err
	}
	d.waiting.Add(1)
	defer d.waiting.Add(-1)
	for noSpace(err) {
		select {
		case <-d.down:
		case <-time.After(spacePoll):
		}
		d.barrier()
		err = change()
	}
	if err != nil {
		d.fail(fmt.Errorf("%s: %w", what, err))
		d.barrier()
	}
	return nil
}

// barrier lets nothing through to the disk once the store is down: what is on
// it now is what a restart must find, and somebody else may have opened it.
func (d *disk) barrier() {
	select {
	case <-d.down:
		if d.running.Load() {
			select {}
		}
	default:
	}
}

// once does what cannot be tried again: a sync that failed once may succeed
// the second time without having written what the first one lost.
func (d *disk) sync(what string, sync func() error) error {
	d.barrier()
	err := sync()
	if err != nil && d.running.Load() {
		d.fail(fmt.Errorf("%s: %w", what, err))
		d.barrier()
	}
	return err
}

func (d *disk) open(what string, open func() (vfs.File, error)) (vfs.File, error) {
	var f vfs.File
	err := d.try(what, func() (err error) {
		f, err = open()
		return err
	})
	if err != nil {
		return nil, err
	}
	return &file{File: f, disk: d}, nil
}

// The changes to the file system.

func (d *disk) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := d.open("create", func() (vfs.File, error) { return d.FS.Create(name, category) })
	if err != nil || !strings.HasSuffix(name, ".log") || f.Fd() == vfs.InvalidFd {
		return f, err
	}
	return &logFile{File: f}, nil
}

func (d *disk) OpenReadWrite(name string, category vfs.DiskWriteCategory, opts ...vfs.OpenOption) (vfs.File, error) {
	return d.open("open", func() (vfs.File, error) { return d.FS.OpenReadWrite(name, category, opts...) })
}

func (d *disk) ReuseForWrite(oldname, newname string, category vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := d.open("reuse", func() (vfs.File, error) { return d.FS.ReuseForWrite(oldname, newname, category) })
	if err != nil || f.Fd() == vfs.InvalidFd {
		return f, err
	}
	info, err := f.Stat()
	if err != nil {
		return f, nil
	}
	return &logFile{File: f, filled: info.Size()}, nil
}

func (d *disk) OpenDir(name string) (vfs.File, error) {
	f, err := d.FS.OpenDir(name)
	if err != nil {
		return nil, err
	}
	return &file{File: f, disk: d}, nil
}

func (d *disk) Link(oldname, newname string) error {
	return d.try("link", func() error { return d.FS.Link(oldname, newname) })
}

func (d *disk) Rename(oldname, newname string) error {
	return d.try("rename", func() error { return d.FS.Rename(oldname, newname) })
}

func (d *disk) MkdirAll(dir string, perm os.FileMode) error {
	return d.try("mkdir", func() error { return d.FS.MkdirAll(dir, perm) })
}

// Remove may fail: Pebble removes again what it finds at the next start.
func (d *disk) Remove(name string) error {
	d.barrier()
	return d.FS.Remove(name)
}

func (d *disk) RemoveAll(name string) error {
	d.barrier()
	return d.FS.RemoveAll(name)
}

// Unwrap returns the file system underneath.
func (d *disk) Unwrap() vfs.FS { return d.FS }

// file is a file of a disk.
type file struct {
	vfs.File
	disk *disk
}

func (f *file) Write(p []byte) (int, error) {
	done := 0
	err := f.disk.try("write", func() error {
		n, err := f.File.Write(p[done:])
		done += n
		return err
	})
	return done, err
}

func (f *file) WriteAt(p []byte, off int64) (int, error) {
	done := 0
	err := f.disk.try("write", func() error {
		n, err := f.File.WriteAt(p[done:], off+int64(done))
		done += n
		return err
	})
	return done, err
}

func (f *file) Sync() error { return f.disk.sync("sync", f.File.Sync) }

func (f *file) SyncData() error { return f.disk.sync("sync", f.File.SyncData) }

func (f *file) SyncTo(length int64) (bool, error) {
	var full bool
	err := f.disk.sync("sync", func() (err error) {
		full, err = f.File.SyncTo(length)
		return err
	})
	return full, err
}

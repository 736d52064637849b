package pebblestore

import "github.com/cockroachdb/pebble/v2/vfs"

// file is a file of a disk.
type file struct {
	vfs.File
	disk *disk
	name string
}

// Write writes all of p, or the store is down.
func (f *file) Write(p []byte) (int, error) {
	done := 0
	err := f.disk.do("write "+f.name, func() error {
		n, err := f.File.Write(p[done:])
		done += n
		return err
	})
	return done, err
}

// WriteAt writes all of p, or the store is down.
func (f *file) WriteAt(p []byte, off int64) (int, error) {
	done := 0
	err := f.disk.do("write "+f.name, func() error {
		n, err := f.File.WriteAt(p[done:], off+int64(done))
		done += n
		return err
	})
	return done, err
}

// Sync makes the file durable.
func (f *file) Sync() error { return f.disk.sync("sync "+f.name, f.File.Sync) }

// SyncData makes what is in the file durable.
func (f *file) SyncData() error { return f.disk.sync("sync "+f.name, f.File.SyncData) }

// SyncTo begins to make the first length bytes durable.
func (f *file) SyncTo(length int64) (all bool, err error) {
	err = f.disk.sync("sync "+f.name, func() (err error) {
		all, err = f.File.SyncTo(length)
		return err
	})
	return all, err
}

// logFile is a file of Pebble's log that is filled with zeros ahead of what is
// written. A sync of what was written over zeros need not tell the file system
// that the file has grown, which takes a third of the time of a small commit
// (docs/decisions/log-pebble.md). Where Pebble uses an old file of the log
// again, what is in it does as well.
type logFile struct {
	*file
	written int64
	filled  int64
}

// fillSize is how many zeros are written at once.
const fillSize = 256 << 10

var zeros [fillSize]byte

// fillAhead has a new file of Pebble's log filled ahead, unless it lies in
// memory.
func fillAhead(f vfs.File) vfs.File {
	if f.Fd() == vfs.InvalidFd {
		return f
	}
	info, err := f.Stat()
	if err != nil {
		return f
	}
	return &logFile{file: f.(*file), filled: info.Size()}
}

func (f *logFile) Write(p []byte) (int, error) {
	if end := f.written + int64(len(p)); end > f.filled {
		f.fill(end)
	}
	n, err := f.file.Write(p)
	f.written += int64(n)
	return n, err
}

// fill fills the file from end on, which the coming write reaches. Where it
// fails, nothing is lost but time.
func (f *logFile) fill(end int64) {
	f.filled = end
	if f.disk.failed() != nil {
		return
	}
	if n, err := f.File.WriteAt(zeros[:], end); err == nil {
		f.filled += int64(n)
	}
}

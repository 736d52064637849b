package pebblestore

import "github.com/cockroachdb/pebble/v2/vfs"

// logFile is a file of Pebble's log that is filled with zeros ahead of what is
// written. A sync of what was written over zeros need not tell the file system
// that the file has grown, which takes a third of the time of a small commit
// (docs/decisions/log-pebble.md). Where Pebble uses an old file of the log
// again, what is in it does as well.
type logFile struct {
	vfs.File
	written int64
	filled  int64
}

// fillAhead is how many zeros are written at once.
const fillAhead = 256 << 10

var zeros [fillAhead]byte

func (f *logFile) Write(p []byte) (int, error) {
	if end := f.written + int64(len(p)); end > f.filled {
		f.fill(end)
	}
	n, err := f.File.Write(p)
	f.written += int64(n)
	return n, err
}

// fill fills the file from end on, which the coming write reaches.
func (f *logFile) fill(end int64) {
	f.filled = end
	if n, err := f.File.WriteAt(zeros[:], end); err == nil {
		f.filled += int64(n)
	}
}

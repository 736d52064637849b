package bench

import (
	"os"
	"syscall"
)

// dataFile is a file whose data alone can be synced.
type dataFile struct{ *os.File }

// SyncData is fdatasync(2).
func (f dataFile) SyncData() error { return syscall.Fdatasync(int(f.Fd())) }

//go:build !linux

package bench

import "os"

// dataFile is a file whose data alone can be synced, where the system can.
type dataFile struct{ *os.File }

// SyncData syncs everything.
func (f dataFile) SyncData() error { return f.Sync() }

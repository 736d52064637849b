package pebblestore

import (
	"fmt"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/sstable"
)

// pebbleOptions says how Pebble is run: so that the processors, which commits
// need, have little to do for what was committed before (docs/decisions/
// levels-pebble.md has the figures).
func (s *Store) pebbleOptions() *pebble.Options {
	p := &pebble.Options{
		FS:                 s.disk,
		FormatMajorVersion: pebble.FormatNewest,
		CacheSize:          s.opts.CacheBytes,
		MemTableSize:       uint64(s.opts.MemTableBytes),
		// Most keys ascend with time, so that files rarely overlap, and can go
		// from where they are written to where they come to rest in one step.
		LBaseMaxBytes:             4 << 30,
		L0CompactionThreshold:     8,
		L0CompactionFileThreshold: 64,
		Logger:                    logger{s.disk},
		EventListener: &pebble.EventListener{
			// Whoever reads what is damaged gets the error.
			DataCorruption: func(pebble.DataCorruptionInfo) {},
		},
	}
	for i := range p.Levels {
		p.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
		p.Levels[i].BlockSize = 16 << 10
		p.Levels[i].Compression = func() *sstable.CompressionProfile { return sstable.ZstdCompression }
	}
	// Whoever looks for one key there mostly finds it: the filter of the store
	// itself knows what is not there.
	p.Levels[len(p.Levels)-1].FilterPolicy = pebble.NoFilterPolicy
	// What is still on its way is not compressed.
	p.Levels[0].BlockSize = 4 << 10
	p.Levels[0].Compression = func() *sstable.CompressionProfile { return sstable.NoCompression }
	return p
}

// logger takes what Pebble would write to the standard log.
type logger struct{ disk *disk }

func (logger) Infof(string, ...any)  {}
func (logger) Errorf(string, ...any) {}

// Fatalf takes the store down. Pebble does not expect it to return, and calls
// it from goroutines and under locks of its own, which nobody waits for then.
func (l logger) Fatalf(format string, args ...any) {
	l.disk.fail(fmt.Errorf(format, args...))
	select {}
}

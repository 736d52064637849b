package pebblestore

import (
	"fmt"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/sstable"
)

// pebbleOptions says how Pebble is run.
func (s *Store) pebbleOptions() *pebble.Options {
	p := &pebble.Options{
		FS:                    s.disk,
		FormatMajorVersion:    pebble.FormatNewest,
		CacheSize:             s.opts.CacheBytes,
		MemTableSize:          uint64(s.opts.MemTableBytes),
		L0CompactionThreshold: 8,
		Logger:                logger{s.disk},
		EventListener: &pebble.EventListener{
			// Whoever reads what is damaged gets the error.
			DataCorruption: func(pebble.DataCorruptionInfo) {},
		},
	}
	for i := range p.Levels {
		p.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
		p.Levels[i].Compression = func() *sstable.CompressionProfile { return sstable.NoCompression }
	}
	// What is written is compressed once, where it comes to rest: the processors
	// are busy enough while it is on its way there.
	p.Levels[len(p.Levels)-1].Compression = func() *sstable.CompressionProfile { return sstable.ZstdCompression }
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

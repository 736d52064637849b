package pebblestore

import "github.com/cockroachdb/pebble/v2/vfs"

// Options are how a store is opened. The zero value, and nil, are good for
// most.
type Options struct {
	// FS is where the store lies. Nil: the file system of the operating system.
	FS vfs.FS
	// CacheBytes is how much of what was read is kept in memory. 0: 64 MiB.
	CacheBytes int64
	// MemTableBytes is how much of what was written is kept in memory until it
	// is sorted into files; twice as much may be held. 0: 64 MiB.
	MemTableBytes int
	// Heads is of how many activations the revision is kept in memory, 16 bytes
	// each, so that a commit need not look it up. 0: 1,048,576.
	Heads int

	// Controls of tests, which show that a fault is found.
	noSync     bool // commits are answered before they are durable
	noSeal     bool // what a seal says is not looked at
	tornErase  bool // an erasure is written in two parts
	indexEvery int  // how many changes the index may lag behind; 0: 65,536
}

func (o *Options) withDefaults() Options {
	var opts Options
	if o != nil {
		opts = *o
	}
	if opts.FS == nil {
		opts.FS = vfs.Default
	}
	if opts.CacheBytes == 0 {
		opts.CacheBytes = 64 << 20
	}
	if opts.MemTableBytes == 0 {
		opts.MemTableBytes = 64 << 20
	}
	if opts.Heads == 0 {
		opts.Heads = 1 << 20
	}
	if opts.indexEvery == 0 {
		opts.indexEvery = 65_536
	}
	return opts
}

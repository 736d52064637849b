// Package pebblestore keeps activations in one directory of one machine, in
// Pebble. There is nothing to set up: Open makes the directory.
//
// # What is promised
//
// A nil result of Commit means that the change is synced to the disk, and
// survives a power cut. No read tells of what is not: one that would waits. A
// directory serves one process at a time.
//
// # What lies where
//
// An activation is a line of changes, each a record of its own that only an
// erasure writes again: the activation is its first change and its last, and its
// history is all of them (package wire has their form). Beside them stand the
// keys of the bindings, evidence, tallies, and the feed, which has one record for
// all changes that were written together. All of that is in the one batch in
// which a change becomes durable. The keys by which List and Due find a user, a
// state, a service or what changes by itself follow from the feed, are written
// later, and are made up for after a crash.
//
// Evidence mostly tells of an entry of the change that it comes with. It is kept
// as a reference to that entry then, at less than half of its size.
//
// Commits that come while another is on its way to the disk are written
// together in the next batch. One caller with many changes is as good as many
// callers with one. One goroutine writes, and holds what a change rests on
// against what is stored and what stands before it in the batch.
//
// # Erasure
//
// A nil result of Erase means that no call tells any more what was erased, over
// a power cut too. The bytes are still on the disk then: Pebble never writes over
// a record. While the store is open, it rewrites the tables that hold them and
// removes the logs that held them, rather than use these again; where that was
// not finished, the next Open goes on. Compact returns when it is done. As that
// may rewrite most of the store, and needs as much free space for a while, the
// store rests for twenty times as long as it took: a small one is clean at once,
// one of several gigabytes within the hour.
//
// Not promised is what the store cannot reach: blocks that the file system has
// freed and not yet used again, copies and snapshots of the directory. Pebble's
// list of files may hold, as the limit of a table, the first half of a SHA-256 of
// a user, until Pebble begins a new list.
//
// # Damage
//
// Records end in checksums, entries are chained by their hashes, and so are the
// records of the feed. Load, Find, History, Scan and List verify all changes of
// an activation and Changes verifies the feed, so that a flipped bit or a missing
// record is store.ErrCorrupt, and never a wrong answer. Pebble drops what it
// cannot read at the end of its log and of its list of files; so a seal beside
// it says how far the feed reaches. Open verifies the seal, and after a crash
// the feed behind what Pebble had sorted into files, before any file is changed.
//
// The seal is written a tenth of a second after a commit. What was committed
// after the newest seal of a process that crashed, and is damaged before the
// next Open, cannot be told from a write that the crash cut off: it is missing
// from then on, and whatever came before it is whole. Nor is there a defence
// against a whole directory that is put back to an earlier state.
//
// # A full disk, and one that fails
//
// While the disk is full or read-only, commits are refused with
// store.ErrUnavailable and reads go on; when there is space, the store goes on
// by itself. After any other failure to write, every call is
// store.ErrUnavailable, and names the cause: only a restart can tell what
// really is on the disk. The process is never ended.
//
// # Memory
//
// With the default options the block cache takes 64 MiB, memory tables up to
// 128 MiB, the revisions of the activations that moved last 16 MiB, and the
// filter of bindings and users 2 to 4 bytes for each.
package pebblestore

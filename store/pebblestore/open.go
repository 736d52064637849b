package pebblestore

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// What lies in the directory of a store.
const (
	dbName   = "db"   // Pebble's
	sealName = "seal" // how far the feed reaches at least
	pidName  = "pid"  // who has it open
)

// Open opens the store in a directory, which is made where there is none. Nil
// options work.
func Open(dir string, o *Options) (*Store, error) {
	s := &Store{dir: dir, opts: o.withDefaults()}
	s.disk = newDisk(s.opts.FS)
	if err := s.open(); err != nil {
		if s.db != nil {
			_ = s.db.Close()
		}
		if s.lock != nil {
			_ = s.lock.Close()
		}
		return nil, fmt.Errorf("open store %s: %w", dir, err)
	}
	return s, nil
}

func (s *Store) open() error {
	if err := makeDir(s.disk, s.dir); err != nil {
		return err
	}
	var err error
	if s.lock, err = lock(s.disk, s.dir); err != nil {
		return err
	}
	sealed, found, err := readSeal(s.disk, s.dir)
	if err != nil {
		return err
	}
	if err := s.preflight(sealed); err != nil {
		return err
	}
	if s.db, err = pebble.Open(s.dbDir(), s.pebbleOptions()); err != nil {
		return fromPebble(err)
	}
	return s.start(sealed, found)
}

func (s *Store) dbDir() string { return s.disk.PathJoin(s.dir, dbName) }

func (s *Store) pebbleOptions() *pebble.Options {
	p := pebbleOptions(&s.opts, s.disk)
	p.Lock = s.lock
	return p
}

// makeDir makes the directory of a store, or sees that it is one.
func makeDir(d vfs.FS, dir string) error {
	names, err := d.List(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	}
	for _, name := range names {
		if name != dbName && name != sealName && name != pidName {
			return fmt.Errorf("%w: it holds %q, and no store: choose an empty directory", store.ErrUnavailable, name)
		}
	}
	if err := d.MkdirAll(d.PathJoin(dir, dbName), 0o755); err != nil {
		return err
	}
	for _, name := range []string{dir, d.PathDir(dir)} {
		f, err := d.OpenDir(name)
		if err != nil {
			return err
		}
		err = f.Sync()
		if closing := f.Close(); err == nil {
			err = closing
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// preflight looks for damage before Pebble changes any file.
func (s *Store) preflight(sealed seal) error {
	if sealed.clean {
		sum, err := manifestSum(s.disk, s.dir)
		if err != nil {
			return err
		}
		if sum != sealed.manifest {
			return fmt.Errorf("%w: Pebble's list of files is not the one that the store was closed with", store.ErrCorrupt)
		}
		return nil
	}
	desc, err := pebble.Peek(s.dbDir(), s.disk)
	if err != nil || !desc.Exists {
		return err
	}
	opts := s.pebbleOptions()
	opts.ReadOnly = true
	db, err := pebble.Open(s.dbDir(), opts)
	if err != nil {
		return fromPebble(err)
	}
	err = verifyFeed(db, sealed.at)
	if closing := db.Close(); err == nil {
		err = fromPebble(closing)
	}
	return err
}

// verifyFeed walks what the log added to the feed, and sees that it reaches
// the seal.
func verifyFeed(db *pebble.DB, sealed mark) error {
	files, err := db.NewIter(&pebble.IterOptions{OnlyReadGuaranteedDurable: true})
	if err != nil {
		return fromPebble(err)
	}
	end, err := feedEnd(files)
	if closing := files.Close(); err == nil {
		err = fromPebble(closing)
	}
	if err != nil {
		return err
	}
	it, err := db.NewIter(nil)
	if err != nil {
		return fromPebble(err)
	}
	defer it.Close()
	reached := end.sequence >= sealed.sequence
	end, err = walkFeed(it, end, func(after mark, _ []move) bool {
		reached = reached || after == sealed
		return true
	})
	if err != nil {
		return err
	}
	if !reached && end != sealed {
		return fmt.Errorf("%w: the feed ends at entry %d, and reached entry %d", store.ErrCorrupt, end.sequence, sealed.sequence)
	}
	return nil
}

// start reads where the store stands, and lets its goroutines go.
func (s *Store) start(sealed seal, found bool) error {
	it, err := s.db.NewIter(nil)
	if err != nil {
		return fromPebble(err)
	}
	defer it.Close()
	end, err := feedEnd(it)
	if err != nil {
		return err
	}
	if !found && end.sequence > 0 {
		return fmt.Errorf("%w: the seal is missing", store.ErrCorrupt)
	}
	if sealed.clean && end != sealed.at {
		return fmt.Errorf("%w: the feed ends at entry %d, and was closed at entry %d", store.ErrCorrupt, end.sequence, sealed.at.sequence)
	}
	var floor steps.ID
	if it.SeekLT([]byte{changeKind + 1}) && it.Key()[0] == changeKind {
		floor = changeKeyID(it.Key())
	}
	if err := it.Error(); err != nil {
		return fromPebble(err)
	}
	indexed, err := indexCursor(s.db)
	if err != nil {
		return err
	}
	bindings, err := s.db.EstimateDiskUsage([]byte{bindingKind}, []byte{bindingKind + 1})
	if err != nil {
		return fromPebble(err)
	}
	taken, err := s.db.NewIter(nil)
	if err != nil {
		return fromPebble(err)
	}
	if s.seal, err = openSealFile(s.disk, s.dir, sealed.turn); err != nil {
		return err
	}
	if err := s.seal.write(seal{at: end}); err != nil {
		return err
	}

	s.gate = newGate()
	s.heads = newHeads(s.opts.Heads, floor)
	s.filter = newFilter(2 * int(bindings) / (bindingKeyLen + idLen))
	s.index = newIndex(s.db, s.opts.indexEvery, end.sequence)
	s.sealer = newSealer()
	s.requests = make(chan *request)
	s.durable.Store(&end)
	s.closing = make(chan struct{})
	s.written = make(chan struct{})
	w := &writer{Store: s, end: end, moved: make(map[steps.ID]uint32), bindings: make(map[[bindingKeyLen]byte]struct{})}
	s.disk.running.Store(true)
	go w.run()
	go s.filter.build(taken)
	go s.index.run(indexed, end)
	go s.sealer.run(s.seal, func() mark { return *s.durable.Load() }, s.closing)
	return nil
}

package pebblestore

import (
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Open opens the store in a directory, which is made where there is none. Nil
// options work.
//
// The error is store.ErrCorrupt where the store is damaged: nothing is changed
// then. It is store.ErrUnavailable where another process has it open, or the
// directory cannot be used.
func Open(dir string, o *Options) (*Store, error) {
	s := &Store{dir: dir, opts: o.withDefaults()}
	s.disk = newDisk(s.opts.FS)
	err := makeDir(s.disk, dir)
	if err == nil {
		s.lock, err = lock(s.opts.FS, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("open the store in %s: %w", dir, err)
	}
	// Pebble has goroutines of its own, in which it may find that the disk does
	// not do what it should.
	opened := make(chan error, 1)
	go func() { opened <- s.open() }()
	select {
	case err = <-opened:
	case <-s.disk.down:
		err = s.down()
	}
	if err != nil {
		_ = s.lock.Close()
		return nil, fmt.Errorf("open the store in %s: %w", dir, err)
	}
	return s, nil
}

func (s *Store) open() error {
	sealed, found, err := readSeal(s.disk, s.dir)
	if err != nil {
		return err
	}
	if err := s.preflight(sealed, found); err != nil {
		return err
	}
	if s.seal, err = openSealFile(s.disk, s.dir, sealed.turn); err != nil {
		return err
	}
	if found {
		if err := s.seal.write(seal{at: sealed.at}); err != nil {
			return err
		}
	}
	s.disk.guards.Store(true)
	if s.db, err = pebble.Open(s.dbDir(), s.pebbleOptions()); err != nil {
		return fromPebble(err)
	}
	if err := s.start(sealed); err != nil {
		_ = s.db.Close()
		return err
	}
	return nil
}

// start reads where the store stands, and sets its goroutines going.
func (s *Store) start(sealed seal) error {
	end, floor, err := s.position()
	if err != nil {
		return err
	}
	if sealed.clean && end != sealed.at {
		return fmt.Errorf("%w: the feed ends at entry %d, and was closed at entry %d", store.ErrCorrupt, end.sequence, sealed.at.sequence)
	}
	indexed, err := s.sequence(indexCursorKey)
	if err != nil {
		return err
	}
	if err := s.seal.write(seal{at: end}); err != nil {
		return err
	}
	if err := s.startFilter(end); err != nil {
		return err
	}

	s.gate = newGate()
	s.heads = newHeads(s.opts.Heads, floor)
	s.index = newIndex(s.db, s.opts.indexEvery, end.sequence)
	s.sealer = newSealer()
	s.purger = newPurger(s.purge)
	s.commits = make(chan *request)
	s.erasures = make(chan *request)
	s.durable.Store(&end)
	s.closing = make(chan struct{})
	s.written = make(chan struct{})
	if err := s.resumePurge(); err != nil {
		return err
	}
	s.disk.patient.Store(true)
	go newWriter(s, end).run()
	go s.index.run(indexed, end)
	go s.purger.run()
	go s.sealer.run(s.seal, func() mark { return *s.durable.Load() })
	return nil
}

// position returns the end of the feed, and the greatest ID that there is.
func (s *Store) position() (end mark, greatest steps.ID, err error) {
	it, err := s.db.NewIter(nil)
	if err != nil {
		return mark{}, 0, fromPebble(err)
	}
	defer it.Close()
	if end, err = feedEnd(it); err != nil {
		return mark{}, 0, err
	}
	if it.SeekLT([]byte{changeKind + 1}) && it.Key()[0] == changeKind {
		greatest = changeKeyID(it.Key())
	}
	return end, greatest, fromPebble(it.Error())
}

// startFilter has the filter read, or made.
func (s *Store) startFilter(end mark) error {
	if s.filter = loadFilter(s.disk, s.filterName(), end); s.filter != nil {
		return nil
	}
	size, err := s.db.EstimateDiskUsage([]byte{bindingKind}, []byte{bindingKind + 1})
	if err != nil {
		return fromPebble(err)
	}
	bindings := int(size) / (bindingKeyLen + idLen) // a user has one or more
	it, err := s.db.NewIter(nil)
	if err != nil {
		return fromPebble(err)
	}
	s.filter = newFilter(3 * bindings)
	go s.filter.build(it)
	return nil
}

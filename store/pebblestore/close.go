package pebblestore

import (
	"errors"
	"fmt"
	"time"

	"github.com/stepgate/stepgate/store"
)

// closePatience is how long Close waits for space on a full disk.
const closePatience = 2 * time.Second

// Close implements store.Store. It ends what is under way, brings everything
// into Pebble's files, and seals them. Where the disk is full for some seconds
// it gives up: what was acknowledged is safe in the log, and the next start
// takes a little longer.
func (s *Store) Close() error {
	if !s.gate.close() {
		return nil
	}
	closed := make(chan error, 1)
	go func() { closed <- s.close() }()
	return errors.Join(s.awaitClosed(closed), s.lock.Close())
}

func (s *Store) awaitClosed(closed <-chan error) error {
	tick := time.NewTicker(spacePoll)
	defer tick.Stop()
	free := time.Now()
	for {
		select {
		case err := <-closed:
			return err
		case <-s.disk.down:
			return s.down()
		case now := <-tick.C:
			if !s.disk.full() {
				free = now
			} else if now.Sub(free) > closePatience {
				s.disk.fail(errors.New("closed while the disk was full"))
			}
		}
	}
}

func (s *Store) close() error {
	<-s.gate.empty
	close(s.closing)
	<-s.written
	s.sealer.close()
	s.purger.close()
	s.index.close()
	s.filter.close()
	if err := s.db.Flush(); err != nil {
		return fromPebble(err)
	}
	end := *s.durable.Load()
	flushed, err := flushedEnd(s.db)
	if err != nil {
		return err
	}
	if flushed != end {
		return fmt.Errorf("%w: the files end at entry %d, not at %d", store.ErrCorrupt, flushed.sequence, end.sequence)
	}
	if err := s.db.Close(); err != nil {
		return fromPebble(err)
	}
	if err := s.removeLogs(); err != nil {
		return err
	}
	if err := s.filter.save(s.disk, s.filterName(), end); err != nil {
		return err
	}
	sum, err := manifestSum(s.disk, s.dir)
	if err != nil {
		return err
	}
	err = s.seal.write(seal{at: end, clean: true, manifest: sum})
	return errors.Join(err, s.seal.file.Close(), s.disk.Remove(s.disk.PathJoin(s.dir, pidName)))
}

// removeLogs removes Pebble's log, of which nothing is needed any more.
func (s *Store) removeLogs() error {
	names, err := s.disk.List(s.dbDir())
	if err != nil {
		return err
	}
	for _, name := range names {
		if isLog(name) {
			if err := s.disk.Remove(s.disk.PathJoin(s.dbDir(), name)); err != nil {
				return err
			}
		}
	}
	return nil
}

package pebblestore

import (
	"fmt"
	"time"
)

// Close implements store.Store.
func (s *Store) Close() error {
	if !s.gate.close() {
		return nil
	}
	closed := make(chan error, 1)
	go func() { closed <- s.close() }()
	tick := time.NewTicker(spacePoll)
	defer tick.Stop()
	fullSince := time.Now()
	for {
		select {
		case err := <-closed:
			_ = s.lock.Close()
			return err
		case <-s.disk.down:
			_ = s.lock.Close()
			return s.down()
		case now := <-tick.C:
			if !s.disk.full() {
				fullSince = now
			} else if now.Sub(fullSince) > closePatience {
				s.disk.fail(fmt.Errorf("closed while the disk was full"))
			}
		}
	}
}

const closePatience = 5 * time.Second

func (s *Store) close() error {
	<-s.gate.empty
	close(s.closing)
	<-s.written
	<-s.sealer.done
	s.index.close()
	s.filter.close()
	if err := s.db.Flush(); err != nil {
		return fromPebble(err)
	}
	if err := s.db.Close(); err != nil {
		return fromPebble(err)
	}
	sum, err := manifestSum(s.disk, s.dir)
	if err != nil {
		return err
	}
	if err := s.seal.write(seal{at: *s.durable.Load(), clean: true, manifest: sum}); err != nil {
		return err
	}
	if err := s.seal.file.Close(); err != nil {
		return err
	}
	return s.disk.Remove(s.disk.PathJoin(s.dir, pidName))
}

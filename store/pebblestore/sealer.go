package pebblestore

import "time"

// sealer seals the feed while the store is open: soon after a commit, so that
// there is little that no seal vouches for, and seldom, so that it costs little.
type sealer struct {
	awake   chan struct{}
	closing chan struct{}
	done    chan struct{}
}

// sealAfter is how long a commit may go without a seal.
const sealAfter = 100 * time.Millisecond

func newSealer() *sealer {
	return &sealer{awake: make(chan struct{}, 1), closing: make(chan struct{}), done: make(chan struct{})}
}

// wake says that there is something to seal.
func (s *sealer) wake() {
	select {
	case s.awake <- struct{}{}:
	default:
	}
}

// run writes seals until it is closed.
func (s *sealer) run(f *sealFile, durable func() mark) {
	defer close(s.done)
	timer := time.NewTimer(sealAfter)
	defer timer.Stop()
	for {
		select {
		case <-s.awake:
		case <-s.closing:
			return
		}
		timer.Reset(sealAfter)
		select {
		case <-timer.C:
		case <-s.closing:
			return
		}
		// The disk answers for itself: a write of a running store does not fail.
		_ = f.write(seal{at: durable()})
	}
}

// close ends run.
func (s *sealer) close() {
	close(s.closing)
	<-s.done
}

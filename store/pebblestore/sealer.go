package pebblestore

import "time"

// sealer seals the feed while the store is open: soon after a commit, so that
// there is little that no seal vouches for, and seldom, so that it costs little.
type sealer struct {
	awake chan struct{}
	done  chan struct{}
}

// sealAfter is how long a commit may go without a seal.
const sealAfter = 100 * time.Millisecond

func newSealer() *sealer {
	return &sealer{awake: make(chan struct{}, 1), done: make(chan struct{})}
}

// wake says that there is something to seal.
func (s *sealer) wake() {
	select {
	case s.awake <- struct{}{}:
	default:
	}
}

// run writes seals until closing.
func (s *sealer) run(f *sealFile, durable func() mark, closing <-chan struct{}) {
	defer close(s.done)
	timer := time.NewTimer(sealAfter)
	defer timer.Stop()
	for {
		select {
		case <-s.awake:
		case <-closing:
			return
		}
		timer.Reset(sealAfter)
		select {
		case <-timer.C:
		case <-closing:
			return
		}
		// The disk answers for itself: a write of a running store does not fail.
		_ = f.write(seal{at: durable()})
	}
}

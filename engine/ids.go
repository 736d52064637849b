package engine

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// idSource draws IDs that ascend, so that one engine does not draw the same
// one twice. Between engines chance decides, and the store has the last word.
type idSource struct {
	mu   sync.Mutex
	last steps.ID
}

// idStride is how far an ID may lie behind the one before it in the same
// millisecond, so that two IDs do not tell how many were drawn between them.
const idStride = 8

func (s *idSource) draw(now time.Time) steps.ID {
	random := rand.Uint64()
	s.mu.Lock()
	defer s.mu.Unlock()
	id := steps.NewID(now, random)
	if behind := s.last + 1 + steps.ID(random%idStride); id <= s.last && behind <= steps.MaxID {
		id = behind
	}
	s.last = id
	return id
}

package pebblestore

import (
	"slices"

	"github.com/stepgate/stepgate/steps"
)

// group is what is on its way to the disk: visible in Pebble, and not to be
// told to anybody yet.
type group struct {
	ids      []steps.ID
	subjects []subjectKey  // of which it changes what is known
	erases   bool          // it takes away what was there
	done     chan struct{} // closed when it is durable
}

func newGroup(changes, effects int) *group {
	return &group{
		ids:      make([]steps.ID, 0, changes),
		subjects: make([]subjectKey, 0, effects),
		done:     make(chan struct{}),
	}
}

func (g *group) has(id steps.ID) bool { return slices.Contains(g.ids, id) }

func (g *group) changesAny(keys []subjectKey) bool {
	return slices.ContainsFunc(g.subjects, func(changed subjectKey) bool { return slices.Contains(keys, changed) })
}

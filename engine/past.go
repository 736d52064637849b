package engine

import (
	"cmp"
	"slices"

	"github.com/stepgate/stepgate/steps"
)

// past is the events that an activation has judged, oldest first.
type past struct {
	entries []*steps.Entry
	byKey   map[steps.EventKey]int // from scanLimit entries on

	reset *steps.Entry // by a call, with which the history ends, but for what followed from it; or nil
}

// scanLimit is up to how many entries looking at each is faster than a map.
const scanLimit = 16

// find returns the entry of an event that was judged, or nil.
func (p *past) find(key steps.EventKey) *steps.Entry {
	if key == (steps.EventKey{}) {
		return nil
	}
	if p.byKey != nil {
		if i, ok := p.byKey[key]; ok {
			return p.entries[i]
		}
		return nil
	}
	for i := range p.entries {
		if p.entries[i].Event == key {
			return p.entries[i]
		}
	}
	return nil
}

// add remembers an entry, where an event brought it.
func (p *past) add(entry *steps.Entry) {
	switch entry.Kind {
	case steps.Reset:
		p.reset = entry
	case steps.Checked, steps.Dropped:
	default:
		p.reset = nil
	}
	if entry.Event == (steps.EventKey{}) {
		return
	}
	p.entries = append(p.entries, entry)
	switch {
	case p.byKey != nil:
		p.byKey[entry.Event] = len(p.entries) - 1
	case len(p.entries) > scanLimit:
		p.byKey = make(map[steps.EventKey]int, 2*scanLimit)
		for i := range p.entries {
			p.byKey[p.entries[i].Event] = i
		}
	}
}

// key returns the event of the entry with a revision.
func (p *past) key(revision uint32) steps.EventKey {
	i, found := slices.BinarySearchFunc(p.entries, revision, func(e *steps.Entry, revision uint32) int {
		return cmp.Compare(e.Revision, revision)
	})
	if !found {
		return steps.EventKey{}
	}
	return p.entries[i].Event
}

// endsInReset reports whether the history ends in a reset of these steps that
// a call, not an event, brought: another one changes nothing.
func (p *past) endsInReset(names []string) bool {
	return p.reset != nil && p.reset.Outcome == steps.Applied && p.reset.Event == (steps.EventKey{}) && slices.Equal(p.reset.Steps, names)
}

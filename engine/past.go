package engine

import "github.com/stepgate/stepgate/steps"

// past is the events that an activation has judged, oldest first.
type past struct {
	entries []*steps.Entry
	byKey   map[steps.EventKey]int // from scanLimit entries on
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

// endsInReset reports whether the newest entry of the activation's history is a
// reset that a call, not an event, brought: another one changes nothing.
func (p *past) endsInReset(a *steps.Activation) bool {
	var newest uint32
	if n := len(p.entries); n > 0 {
		newest = p.entries[n-1].Revision
	}
	return a.Epoch > 0 && newest < a.Revision
}

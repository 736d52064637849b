package pebblestore

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// ledger is what a store was given, and what it has acknowledged.
type ledger struct {
	sparing int // of how many activations one is looked at from every side

	mu    sync.Mutex
	lines map[steps.ID]*line
}

// line is one activation in the ledger. Whatever it holds at a revision stands
// at that index; index 0 is the absence of the activation. What is known of its
// subjects nobody else changes.
type line struct {
	binding  steps.Binding
	states   []state
	entries  []steps.Entry
	redacted []steps.Entry // of one that was erased: what is left, with the newest entry
	acked    uint32        // the greatest revision that was acknowledged
}

// state is an activation, and what is known of its subjects.
type state struct {
	activation steps.Activation
	proven     map[steps.Subject]steps.Evidence
	counted    map[steps.Subject]steps.Tally
}

func newLedger() *ledger { return &ledger{sparing: 1, lines: make(map[steps.ID]*line)} }

// given notes a change that a store is about to be given.
func (l *ledger) given(c *store.Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.lines[c.Activation.StepsID]
	if at == nil {
		at = &line{binding: c.Activation.Binding, states: make([]state, 1)}
		l.lines[c.Activation.StepsID] = at
	}
	next := at.newest().clone()
	next.activation = c.Activation
	for _, subject := range c.Withdrawn {
		delete(next.proven, subject)
	}
	for _, e := range c.Proven {
		next.proven[e.Subject] = e
	}
	for _, t := range c.Tallies {
		next.counted[t.Subject] = t
	}
	at.entries = append(at.entries, c.Entries...)
	at.reach(next)
}

// erasing notes an erasure that a store is about to be given.
func (l *ledger) erasing(e *store.Erasure) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.lines[e.Activation.StepsID]
	next := at.newest().clone()
	next.activation = e.Activation
	for _, subject := range e.Subjects {
		delete(next.proven, subject)
		delete(next.counted, subject)
	}
	at.redacted = e.Entries
	at.entries = append(at.entries, e.Entries[e.From:]...)
	at.reach(next)
}

func (at *line) newest() *state { return &at.states[len(at.states)-1] }

// reach adds the state after the newest entry. None lies between the entries of
// one change.
func (at *line) reach(s state) {
	for len(at.states) <= len(at.entries) {
		at.states = append(at.states, s)
	}
}

func (s *state) clone() state {
	c := state{proven: maps.Clone(s.proven), counted: maps.Clone(s.counted)}
	if c.proven == nil {
		c.proven = make(map[steps.Subject]steps.Evidence)
	}
	if c.counted == nil {
		c.counted = make(map[steps.Subject]steps.Tally)
	}
	return c
}

// history returns the entries of the activation at a revision.
func (at *line) history(revision uint32) []steps.Entry {
	if revision > 0 && int(revision) == len(at.redacted) {
		return at.redacted
	}
	return at.entries[:revision]
}

// subjects returns of whom something was known at any time.
func (at *line) subjects() []steps.Subject {
	all := make(map[steps.Subject]bool)
	for i := range at.states {
		for subject := range at.states[i].proven {
			all[subject] = true
		}
		for subject := range at.states[i].counted {
			all[subject] = true
		}
	}
	return slices.Collect(maps.Keys(all))
}

// acknowledged notes that a store made an activation durable up to a revision.
func (l *ledger) acknowledged(a *steps.Activation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines[a.StepsID].acked = a.Revision
}

// acked returns what has been acknowledged by now.
func (l *ledger) acked() map[steps.ID]uint32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	acked := make(map[steps.ID]uint32, len(l.lines))
	for id, at := range l.lines {
		acked[id] = at.acked
	}
	return acked
}

// line returns what a store was given of an activation.
func (l *ledger) line(id steps.ID) line {
	l.mu.Lock()
	defer l.mu.Unlock()
	return *l.lines[id]
}

// ids returns every activation that a store was given, in ascending order.
func (l *ledger) ids() []steps.ID {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.lines))
}

// entryCount returns how many entries a store was given.
func (l *ledger) entryCount() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, at := range l.lines {
		n += len(at.entries)
	}
	return n
}

// cutBack returns the ledger of a store that has these activations alone.
func (l *ledger) cutBack(activations []steps.Activation) *ledger {
	l.mu.Lock()
	defer l.mu.Unlock()
	back := newLedger()
	for _, a := range activations {
		if n := a.Revision; n > 0 {
			at := *l.lines[a.StepsID]
			if int(n) < len(at.redacted) {
				at.redacted = nil
			}
			at.states, at.entries, at.acked = at.states[:n+1:n+1], at.entries[:n:n], n
			back.lines[a.StepsID] = &at
		}
	}
	return back
}

// equal compares with the nil and the empty slice alike.
func equal[T any](a, b T) bool {
	return reflect.DeepEqual(a, b) || fmt.Sprint(a) == fmt.Sprint(b)
}

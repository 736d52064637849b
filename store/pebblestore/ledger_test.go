package pebblestore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/storetest"
)

// ledger is what a store was given, and what it has acknowledged.
type ledger struct {
	sparing int // of how many activations one is looked at from every side

	mu    sync.Mutex
	lines map[steps.ID]*line
}

// line is one activation in the ledger. Whatever it holds at a revision stands
// at that index; index 0 is the absence of the activation.
type line struct {
	binding steps.Binding
	states  []steps.Activation
	proven  []map[steps.Subject]steps.Evidence
	entries []steps.Entry
	acked   uint32 // the greatest revision that was acknowledged
}

func newLedger() *ledger { return &ledger{sparing: 1, lines: make(map[steps.ID]*line)} }

// given notes a change that a store is about to be given.
func (l *ledger) given(c *store.Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := c.Activation
	at := l.lines[a.StepsID]
	if at == nil {
		at = &line{binding: a.Binding, states: make([]steps.Activation, 1), proven: make([]map[steps.Subject]steps.Evidence, 1)}
		l.lines[a.StepsID] = at
	}
	proven := maps.Clone(at.proven[len(at.proven)-1])
	for _, subject := range c.Withdrawn {
		delete(proven, subject)
	}
	for _, e := range c.Proven {
		if proven == nil {
			proven = make(map[steps.Subject]steps.Evidence)
		}
		proven[e.Subject] = e
	}
	at.entries = append(at.entries, c.Entries...)
	for len(at.states) <= len(at.entries) { // no state lies between the entries of one change
		at.states = append(at.states, a)
		at.proven = append(at.proven, proven)
	}
}

// acknowledged notes that a store made a change durable.
func (l *ledger) acknowledged(c *store.Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines[c.Activation.StepsID].acked = c.Activation.Revision
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

// entry returns an entry that a store was given.
func (l *ledger) entry(id steps.ID, revision uint32) steps.Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines[id].entries[revision-1]
}

// ids returns every activation that a store was given, in ascending order.
func (l *ledger) ids() []steps.ID {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.lines))
}

// A wrong answer is one that is neither right nor an error.
var errWrong = errors.New("wrong answer")

func wrong(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errWrong, fmt.Sprintf(format, args...))
}

// verify asks a store for everything. It returns errWrong where an answer
// contradicts the ledger or what must have been durable, and the store's own
// error where it refused to answer; wrong answers come first.
func (l *ledger) verify(s *Store, acked map[steps.ID]uint32) error {
	var failures []error
	found := make(map[steps.ID]steps.Activation)
	for i, a := range ask(s, l.ids()) {
		err := a.err
		if err == nil {
			err = l.verifyAnswer(&a, acked[a.id])
		}
		if err == nil && i%l.sparing == 0 {
			err = l.verifyBeside(s, &a)
		}
		if err != nil {
			failures = append(failures, err)
		} else if a.loaded.Revision > 0 {
			found[a.id] = a.loaded
		}
	}
	if len(failures) == 0 {
		failures = append(failures, verifyFeedOf(s, found, l), verifyLists(s, found))
	}
	for _, err := range failures {
		if errors.Is(err, errWrong) {
			return err
		}
	}
	return errors.Join(failures...)
}

// answer is what a store says about an activation.
type answer struct {
	id      steps.ID
	entries []steps.Entry
	loaded  steps.Activation
	err     error
}

// ask asks a store for activations: for all at once, and where it refuses, for
// each alone.
func ask(s *Store, ids []steps.ID) []answer {
	histories, err := s.History(context.Background(), ids)
	var loaded []steps.Activation
	if err == nil {
		loaded, err = s.Load(context.Background(), ids)
	}
	switch {
	case err == nil:
		answers := make([]answer, len(ids))
		for i := range ids {
			answers[i] = answer{id: ids[i], entries: histories[i], loaded: loaded[i]}
		}
		return answers
	case len(ids) == 1:
		return []answer{{id: ids[0], err: err}}
	}
	var answers []answer
	for i := range ids {
		answers = append(answers, ask(s, ids[i:i+1])...)
	}
	return answers
}

// verifyAnswer returns what is wrong with an answer.
func (l *ledger) verifyAnswer(a *answer, acked uint32) error {
	l.mu.Lock()
	at := *l.lines[a.id]
	l.mu.Unlock()
	n := uint32(len(a.entries))
	switch {
	case n < acked:
		return wrong("%s has %d entries, and %d were acknowledged", a.id, n, acked)
	case int(n) > len(at.entries) || !equal(a.entries, at.entries[:n]):
		return wrong("%s has entries that it was not given", a.id)
	case n > 0 && at.states[n].Revision != n:
		return wrong("%s has half a change: %d entries", a.id, n)
	case !equal(a.loaded, at.states[n]):
		return wrong("%s at revision %d is %+v, not %+v", a.id, n, a.loaded, at.states[n])
	}
	return nil
}

// verifyBeside returns what is wrong with what stands beside an activation.
func (l *ledger) verifyBeside(s *Store, a *answer) error {
	l.mu.Lock()
	at := *l.lines[a.id]
	l.mu.Unlock()
	n := uint32(len(a.entries))
	bound, err := s.Find(context.Background(), at.binding)
	switch {
	case errors.Is(err, store.ErrNotFound) && n == 0:
	case errors.Is(err, store.ErrNotFound):
		return wrong("%s is not found by its binding", a.id)
	case err != nil:
		return err
	case !equal(bound, at.states[n]):
		return wrong("the binding of %s leads to %+v", a.id, bound)
	}
	return verifyEvidence(s, &at, n)
}

func verifyEvidence(s *Store, at *line, n uint32) error {
	subjects := slices.Collect(maps.Keys(at.proven[len(at.proven)-1]))
	proven, err := s.Evidence(context.Background(), subjects)
	if err != nil {
		return err
	}
	for i, subject := range subjects {
		if !equal(proven[i], at.proven[n][subject]) {
			return wrong("at revision %d, the evidence of %v is %+v", n, subject, proven[i])
		}
	}
	return nil
}

// verifyFeedOf walks the whole feed.
func verifyFeedOf(s *Store, found map[steps.ID]steps.Activation, l *ledger) error {
	told := make(map[steps.ID]uint32)
	for cursor := store.Cursor(""); ; {
		page, err := s.Changes(context.Background(), cursor, 100)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		for _, t := range page {
			told[t.StepsID]++
			if t.Entry.Revision != told[t.StepsID] || !equal(t.Entry, l.entry(t.StepsID, told[t.StepsID])) {
				return wrong("the feed has entry %d of %s where %d belongs", t.Entry.Revision, t.StepsID, told[t.StepsID])
			}
			cursor = t.Cursor
		}
	}
	for id, a := range found {
		if told[id] != a.Revision {
			return wrong("the feed has %d entries of %s, which is at revision %d", told[id], id, a.Revision)
		}
	}
	return nil
}

// verifyLists asks for the activations of each state, of each service, of one
// association, and of all.
func verifyLists(s *Store, found map[steps.ID]steps.Activation) error {
	expected := map[store.Query][]steps.ID{{}: nil}
	for i, id := range slices.Sorted(maps.Keys(found)) {
		a := found[id]
		for _, q := range []store.Query{{}, {State: a.State}, {Service: a.Service}} {
			expected[q] = append(expected[q], id)
		}
		if i == 0 {
			expected[store.Query{Association: a.Association}] = []steps.ID{id}
		}
	}
	for q, ids := range expected {
		var listed []steps.ID
		for page := q; ; page.After = listed[len(listed)-1] {
			activations, err := s.List(context.Background(), page)
			if err != nil {
				return err
			}
			if len(activations) == 0 {
				break
			}
			for _, a := range activations {
				listed = append(listed, a.StepsID)
			}
		}
		if !slices.Equal(listed, ids) {
			return wrong("the list of %+v has %v, not %v", q, listed, ids)
		}
	}
	return nil
}

// equal compares with the nil and the empty slice alike.
func equal[T any](a, b T) bool {
	return reflect.DeepEqual(a, b) || fmt.Sprint(a) == fmt.Sprint(b)
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
			at.states, at.proven, at.entries, at.acked = at.states[:n+1:n+1], at.proven[:n+1:n+1], at.entries[:n:n], n
			back.lines[a.StepsID] = &at
		}
	}
	return back
}

// loaders is how many goroutines load a store at once.
const loaders = 4

var walkSeed atomic.Uint64

// session loads a store from several goroutines at once, each of which moves
// some new walks and some that the store knows already, and writes it all in
// the ledger.
func session(t *testing.T, s *Store, l *ledger, rng *rand.Rand) {
	ids := l.ids()
	rng.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	known, err := s.Load(t.Context(), ids[:min(len(ids), 2*loaders)])
	require.NoError(t, err)
	walks := make([][]*storetest.Walk, loaders)
	for i, a := range known {
		walks[i%loaders] = append(walks[i%loaders], storetest.NewWalk(0).From(a, walkSeed.Add(1)))
	}
	var over sync.WaitGroup
	for i := range walks {
		for range 3 {
			walks[i] = append(walks[i], storetest.NewWalk(walkSeed.Add(1)))
		}
		seed := rng.Uint64()
		over.Go(func() { load(t, s, l, walks[i], rand.New(rand.NewPCG(seed, 0))) })
	}
	over.Wait()
}

// load commits some batches of changes to walks.
func load(t *testing.T, s *Store, l *ledger, walks []*storetest.Walk, rng *rand.Rand) {
	for range 1 + rng.IntN(12) {
		var changes []store.Change
		for _, i := range rng.Perm(len(walks))[:1+rng.IntN(len(walks))] {
			changes = append(changes, nextChange(walks[i], rng))
		}
		for i := range changes {
			l.given(&changes[i])
		}
		for i, err := range s.Commit(t.Context(), changes) {
			if !assert.NoError(t, err) {
				return
			}
			l.acknowledged(&changes[i])
		}
	}
}

// nextChange moves a walk on by one entry or two, with evidence.
func nextChange(w *storetest.Walk, rng *rand.Rand) store.Change {
	state := w.Activation.State
	c := w.Next()
	if c.Entries[0].Kind == steps.Completed && rng.IntN(2) == 0 {
		c.Proven = append(c.Proven, w.Evidence(string(state)))
	}
	if rng.IntN(4) == 0 {
		c = storetest.Join(c, w.Next())
	}
	return c
}

package pebblestore

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/storetest"
)

// loaders is how many goroutines load a store at once.
const loaders = 4

var walkSeed atomic.Uint64

// session loads a store from several goroutines at once, each of which moves
// some new walks and some that the store knows already, erases one now and then,
// and writes it all in the ledger.
func session(t *testing.T, s *Store, l *ledger, rng *rand.Rand) {
	walks := make([][]*storetest.Walk, loaders)
	for i, w := range knownWalks(t, s, l, rng) {
		walks[i%loaders] = append(walks[i%loaders], w)
	}
	var over sync.WaitGroup
	for i := range walks {
		for range 3 {
			walks[i] = append(walks[i], newWalk(rng))
		}
		seed := rng.Uint64()
		over.Go(func() { load(t, s, l, walks[i], rand.New(rand.NewPCG(seed, 0))) })
	}
	over.Wait()
}

// newWalk returns a walk whose steps leave evidence. Some of them expire.
func newWalk(rng *rand.Rand) *storetest.Walk {
	w := storetest.NewWalk(walkSeed.Add(1))
	w.Proves = true
	if rng.IntN(2) == 0 {
		w.TTL = time.Hour
		w.Activation.Deadline = time.Date(2026, 5, 1, 0, 0, 0, rng.IntN(1000)*1e6, time.UTC)
	}
	return w
}

// knownWalks returns some walks that the store knows.
func knownWalks(t *testing.T, s *Store, l *ledger, rng *rand.Rand) (walks []*storetest.Walk) {
	ids := l.ids()
	rng.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	ids = ids[:min(len(ids), 2*loaders)]
	known, err := s.Load(t.Context(), ids)
	require.NoError(t, err)
	histories, err := s.History(t.Context(), ids)
	require.NoError(t, err)
	for i, a := range known {
		if a.State != steps.StateErased {
			w := newWalk(rng).From(a, walkSeed.Add(1))
			w.Entries = histories[i]
			walks = append(walks, w)
		}
	}
	return walks
}

// load commits some batches of changes to walks.
func load(t *testing.T, s *Store, l *ledger, walks []*storetest.Walk, rng *rand.Rand) {
	for range 1 + rng.IntN(12) {
		var changes []store.Change
		for _, i := range rng.Perm(len(walks))[:1+rng.IntN(len(walks))] {
			changes = append(changes, nextChange(l, walks[i], rng))
		}
		for i := range changes {
			l.given(&changes[i])
		}
		for i, err := range s.Commit(t.Context(), changes) {
			if !assert.NoError(t, err) {
				return
			}
			l.acknowledged(&changes[i].Activation)
		}
		if rng.IntN(6) == 0 && len(walks) > 1 {
			i := rng.IntN(len(walks))
			if !erase(t, s, l, walks[i]) {
				return
			}
			walks = slices.Delete(walks, i, i+1)
		}
	}
}

// nextChange moves a walk on by one entry or two, and counts a failure now and
// then. It rests on all that is known of the walk's subjects.
func nextChange(l *ledger, w *storetest.Walk, rng *rand.Rand) store.Change {
	var rests store.Rests
	if w.Activation.Revision > 0 || rng.IntN(2) == 0 {
		rests = l.rests(w)
	}
	c := w.Next()
	if rng.IntN(4) == 0 {
		c = storetest.Join(c, w.Next())
	}
	if rng.IntN(4) == 0 {
		c.Tallies = append(c.Tallies, w.Tally(w.Names[0], c.Activation.Revision))
	}
	c.Rests = rests
	return c
}

// rests returns what is known of a walk's subjects.
func (l *ledger) rests(w *storetest.Walk) (rests store.Rests) {
	var now state
	if w.Activation.Revision > 0 {
		at := l.line(w.Activation.StepsID)
		now = *at.newest()
	}
	for _, subject := range w.Subjects() {
		e, t := now.proven[subject], now.counted[subject]
		e.Subject, t.Subject = subject, subject
		rests.Evidence, rests.Tallies = append(rests.Evidence, e), append(rests.Tallies, t)
	}
	return rests
}

// erase erases a walk, if it was created.
func erase(t *testing.T, s *Store, l *ledger, w *storetest.Walk) bool {
	if w.Activation.Revision == 0 {
		return true
	}
	e := w.Erase()
	l.erasing(&e)
	if !assert.NoError(t, s.Erase(t.Context(), []store.Erasure{e})[0]) {
		return false
	}
	l.acknowledged(&e.Activation)
	return true
}

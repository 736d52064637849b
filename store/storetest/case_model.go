package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// modelCases commit random batches, with conflicts and erasures among them, and
// compare the store with a plain model all along. A case that fails does so
// every time: its name is its seed.
func modelCases() []testCase {
	cases := make([]testCase, 10)
	for i := range cases {
		seed := uint64(i + 1)
		cases[i] = testCase{name: fmt.Sprintf("seed %d", seed), run: func(e *env) {
			m := newModel(e, seed)
			for round := range 60 {
				m.batch()
				if round%5 == 4 {
					m.requireFeed(m.walks...) // what is erased next was read before
					m.erasures()
				}
				m.compare()
			}
			m.compareAll()
			if e.harness.Reopen != nil {
				e.reopen()
				m.compareAll()
			}
		}}
	}
	return cases
}

// model is what the store must hold.
type model struct {
	*env
	rand    *rand.Rand
	walks   []*Walk
	freed   []steps.Binding // of what was erased, until it is taken again
	proven  map[steps.Subject]steps.Evidence
	tallied map[steps.Subject]steps.Tally
	told    []steps.ID // of each entry of the feed
}

func newModel(e *env, seed uint64) *model {
	return &model{
		env:     e,
		rand:    rand.New(rand.NewPCG(seed, seed)),
		proven:  make(map[steps.Subject]steps.Evidence),
		tallied: make(map[steps.Subject]steps.Tally),
	}
}

// batch commits up to 12 changes, each of another activation.
func (m *model) batch() {
	m.Helper()
	var changes []store.Change
	var wants []error
	var created []*Walk
	for _, i := range m.rand.Perm(len(m.walks) + 4)[:min(m.rand.IntN(13), len(m.walks)+4)] {
		var change store.Change
		var want error
		switch {
		case i < len(m.walks):
			change, want = m.update(m.walks[i])
		case m.rand.IntN(4) == 0 && m.bound() != nil:
			rival := m.walk()
			rival.Activation.Binding = m.bound().Activation.Binding
			change, want = rival.Create(), store.ErrExists
		default:
			w := m.fresh()
			created = append(created, w)
			change = w.Create()
			m.rest(&change, w)
		}
		changes, wants = append(changes, change), append(wants, want)
		if want == nil {
			m.remember(change)
		}
	}
	m.walks = append(m.walks, created...)
	for i, err := range m.results(changes...) {
		require.ErrorIs(m, err, wants[i], "change %d", i)
	}
}

// bound returns the newest activation that is not erased, or nil.
func (m *model) bound() *Walk {
	for _, w := range slices.Backward(m.walks) {
		if w.Activation.State != steps.StateErased {
			return w
		}
	}
	return nil
}

// fresh returns a walk of a binding that is free, of a user that others have as
// well, with or without a deadline.
func (m *model) fresh() *Walk {
	w := m.walk()
	w.Activation.User = fmt.Sprintf("user %d", m.rand.IntN(4))
	if n := len(m.freed); n > 0 && m.rand.IntN(2) == 0 {
		w.Activation.Binding = m.freed[n-1]
		m.freed = m.freed[:n-1]
	}
	if m.rand.IntN(2) == 0 {
		w.Activation.Deadline = begin.Add(holdTTL * 10)
	}
	w.Proves = m.rand.IntN(2) == 0
	return w
}

// erasures erases up to three activations, with conflicts among them.
func (m *model) erasures() {
	m.Helper()
	var erasures []store.Erasure
	var wants []error
	for _, i := range m.rand.Perm(len(m.walks))[:min(m.rand.IntN(4), len(m.walks))] {
		w := m.walks[i]
		if w.Activation.State == steps.StateErased || m.rand.IntN(4) == 0 {
			erasures, wants = append(erasures, w.eraseAhead(1+m.rand.IntN(3))), append(wants, store.ErrConflict)
			continue
		}
		m.freed = append(m.freed, w.Activation.Binding)
		erasure := w.Erase()
		erasures, wants = append(erasures, erasure), append(wants, nil)
		m.told = append(m.told, erasure.Activation.StepsID)
		for _, subject := range erasure.Subjects {
			delete(m.proven, subject)
			delete(m.tallied, subject)
		}
	}
	for i, err := range m.erasureResults(erasures...) {
		require.ErrorIs(m, err, wants[i], "erasure %d", i)
	}
}

// remember applies a change to the model.
func (m *model) remember(change store.Change) {
	for range change.Entries {
		m.told = append(m.told, change.Activation.StepsID)
	}
	for _, subject := range change.Withdrawn {
		delete(m.proven, subject)
	}
	for _, proven := range change.Proven {
		m.proven[proven.Subject] = proven
	}
	for _, counted := range change.Tallies {
		m.tallied[counted.Subject] = counted
	}
}

package storetest

import (
	"fmt"
	"math/rand/v2"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// modelCases commit random batches, with conflicts among them, and compare the
// store with a plain model all along. A case that fails does so every time: its
// name is its seed.
func modelCases() []testCase {
	cases := make([]testCase, 10)
	for i := range cases {
		seed := uint64(i + 1)
		cases[i] = testCase{name: fmt.Sprintf("seed %d", seed), run: func(e *env) {
			m := &model{env: e, rand: rand.New(rand.NewPCG(seed, seed)), proven: make(map[steps.Subject]steps.Evidence)}
			for range 60 {
				m.batch()
				m.compare()
			}
			e.requireFeed(m.walks...)
			require.Equal(e, m.told, toldIDs(e.feed("")))
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
	rand   *rand.Rand
	walks  []*Walk
	proven map[steps.Subject]steps.Evidence
	told   []steps.ID // of each entry of the feed
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
		case m.rand.IntN(4) == 0 && len(m.walks) > 0:
			rival := m.walk()
			rival.Activation.Binding = m.walks[m.rand.IntN(len(m.walks))].Activation.Binding
			change, want = rival.Create(), store.ErrExists
		default:
			w := m.walk()
			created = append(created, w)
			change = w.Create()
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

// update returns a change of one or several entries, or a stale one.
func (m *model) update(w *Walk) (store.Change, error) {
	if m.rand.IntN(5) == 0 {
		change := w.at(w.Activation.Revision + 1 + m.rand.Uint32N(3)).Fail()
		change.Proven = []steps.Evidence{w.Evidence("never")}
		return change, store.ErrConflict
	}
	changes := []store.Change{w.Next()}
	for range m.rand.IntN(3) {
		changes = append(changes, w.Next())
	}
	change := Join(changes...)
	for _, name := range w.Names {
		switch m.rand.IntN(4) {
		case 0:
			change.Withdrawn = append(change.Withdrawn, w.Subject(name))
		case 1:
			if len(change.Withdrawn) == 0 { // no subject stands on both sides
				change.Proven = append(change.Proven, w.Evidence(name))
			}
		}
	}
	return change, nil
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
}

// compare compares a few activations.
func (m *model) compare() {
	m.Helper()
	for range min(5, len(m.walks)) {
		m.compareOne(m.walks[m.rand.IntN(len(m.walks))])
	}
}

// compareAll compares every activation.
func (m *model) compareAll() {
	m.Helper()
	for _, w := range m.walks {
		m.compareOne(w)
	}
}

func (m *model) compareOne(w *Walk) {
	m.Helper()
	m.requireShown(w)
	for _, name := range append([]string{"never"}, w.Names...) {
		subject := w.Subject(name)
		require.Equal(m, m.proven[subject], m.evidence(subject)[0], "evidence of %s", name)
	}
}

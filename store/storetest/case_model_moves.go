package storetest

import (
	"cmp"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// update returns a change of one or several entries, or one that is a conflict:
// stale, or resting on what is not so.
func (m *model) update(w *Walk) (store.Change, error) {
	switch n := m.rand.IntN(10); {
	case n < 2 || w.Activation.State == steps.StateErased:
		change := w.at(w.Activation.Revision + 1 + m.rand.Uint32N(3)).Fail()
		change.Proven = []steps.Evidence{w.Evidence("never")}
		return change, store.ErrConflict
	case n < 4:
		change := w.twin(m.rand.Uint64()).Refuse()
		change.Tallies = []steps.Tally{w.Tally("never", 1)}
		m.rest(&change, w)
		m.spoil(&change, w)
		return change, store.ErrConflict
	}
	var changes []store.Change
	for range 1 + m.rand.IntN(3) {
		changes = append(changes, m.move(w))
	}
	change := Join(changes...)
	m.rest(&change, w)
	for _, name := range w.Names {
		subject := w.Subject(name)
		switch m.rand.IntN(6) {
		case 0:
			change.Withdrawn = append(change.Withdrawn, subject)
		case 1:
			change.Proven = slices.DeleteFunc(change.Proven, isOf(subject))
			change.Proven = append(change.Proven, w.Evidence(name))
		case 2:
			change.Tallies = append(change.Tallies, w.Tally(name, m.tallied[subject].Revision+1))
		}
	}
	return change, nil
}

// move moves a walk on in one of the ways that are open to it.
func (m *model) move(w *Walk) store.Change {
	a := &w.Activation
	if len(a.Held) > 0 && m.rand.IntN(2) == 0 {
		return w.Drop()
	}
	if a.State == steps.StateCancelled || a.State == steps.StateExpired {
		return w.Reset()
	}
	step := w.Names[m.rand.IntN(len(w.Names))]
	done := a.Proofs[slices.Index(w.Names, step)].Done()
	switch n := m.rand.IntN(20); {
	case n == 0:
		return w.Cancel()
	case n == 1 && !a.Deadline.IsZero():
		return w.Expire()
	case n == 2:
		return w.Move(a.Plan+1, slices.Concat(StepNames(m.rand.IntN(2)), w.Names[len(w.Names)-3:])...)
	case n < 5 && done:
		return w.Revoke(step)
	case n < 7 && done:
		return w.Lapse(step)
	case n < 9 && !done:
		return w.Check(step)
	case n < 11 && !done:
		return w.Hold(step)
	case n < 13:
		return w.Lock()
	}
	w.TTL = time.Duration(m.rand.IntN(3)) * time.Hour
	return w.Next()
}

// rest lets a change rest on some of what is known of its walk's subjects.
func (m *model) rest(change *store.Change, w *Walk) {
	for _, name := range w.Names {
		subject := w.Subject(name)
		if m.rand.IntN(3) == 0 {
			known := m.proven[subject]
			known.Subject = subject
			change.Rests.Evidence = append(change.Rests.Evidence, known)
		}
		if m.rand.IntN(3) == 0 {
			counted := steps.Tally{Subject: subject, Revision: m.tallied[subject].Revision}
			change.Rests.Tallies = append(change.Rests.Tallies, counted)
		}
	}
}

// spoil lets a change rest on something that is not so as well.
func (m *model) spoil(change *store.Change, w *Walk) {
	subject := w.Subject(w.Names[m.rand.IntN(len(w.Names))])
	if m.rand.IntN(2) == 0 {
		revision := m.tallied[subject].Revision + 1 + m.rand.Uint32N(3)
		change.Rests.Tallies = append(change.Rests.Tallies, steps.Tally{Subject: subject, Revision: revision})
		return
	}
	known := m.proven[subject]
	known.Subject = subject
	known.At = known.At.Add(time.Millisecond)
	change.Rests.Evidence = append(change.Rests.Evidence, known)
}

// compare compares a few activations.
func (m *model) compare() {
	m.Helper()
	for range min(5, len(m.walks)) {
		m.compareOne(m.walks[m.rand.IntN(len(m.walks))])
	}
}

// compareAll compares everything.
func (m *model) compareAll() {
	m.Helper()
	ascending := slices.SortedFunc(slices.Values(m.walks), func(a, b *Walk) int {
		return cmp.Compare(a.Activation.StepsID, b.Activation.StepsID)
	})
	for _, w := range ascending {
		m.compareOne(w)
	}
	m.requireScanned(ascending, m.scan(0, store.MaxLimit))
	m.requireFeed(m.walks...)
	require.Equal(m, m.told, toldIDs(m.feed("")))
	var dues []time.Time
	for _, id := range m.due(endOfTime, store.MaxLimit) {
		i := slices.IndexFunc(ascending, func(w *Walk) bool { return w.Activation.StepsID == id })
		dues = append(dues, ascending[i].Activation.Due())
	}
	require.True(m, slices.IsSortedFunc(dues, time.Time.Compare), "soonest first")
	for _, user := range []string{"user 0", "user 1", "user 2", "user 3"} {
		theirs := slices.DeleteFunc(slices.Clone(ascending), func(w *Walk) bool { return w.Activation.User != user })
		require.Equal(m, idsOf(theirs), m.list(store.Query{User: user, Limit: store.MaxLimit}))
	}
}

func (m *model) compareOne(w *Walk) {
	m.Helper()
	m.requireShown(w)
	for _, name := range append([]string{"never"}, w.Names...) {
		subject := w.Subject(name)
		require.Equal(m, m.proven[subject], m.evidence(subject)[0], "evidence of %s", name)
		require.Equal(m, m.tallied[subject], m.tallies(subject)[0], "tally of %s", name)
	}
}

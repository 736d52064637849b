package storetest

import (
	"errors"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// sentinels are the conditions of the contract.
var sentinels = []error{
	store.ErrNotFound, store.ErrExists, store.ErrConflict, store.ErrCursor,
	store.ErrUnavailable, store.ErrCorrupt, store.ErrClosed,
}

// refusals are the changes that a store must refuse. Each is made against an
// activation of three entries.
var refusals = []struct {
	name   string
	want   error
	change func(e *env, w *Walk) store.Change
}{
	{"a creation of a taken ID", store.ErrExists, func(e *env, w *Walk) store.Change {
		other := e.walk()
		other.Activation.StepsID = w.Activation.StepsID
		return other.Create()
	}},
	{"a creation of a taken binding", store.ErrExists, func(e *env, w *Walk) store.Change {
		other := e.walk()
		other.Activation.Binding = w.Activation.Binding
		return other.Create()
	}},
	{"a creation of a taken ID and binding", store.ErrExists, func(e *env, w *Walk) store.Change {
		other := e.walk()
		other.Activation.StepsID, other.Activation.Binding = w.Activation.StepsID, w.Activation.Binding
		return other.Create()
	}},
	{"an update one revision behind", store.ErrConflict, func(_ *env, w *Walk) store.Change {
		return w.at(w.Activation.Revision - 1).Fail()
	}},
	{"an update two revisions behind", store.ErrConflict, func(_ *env, w *Walk) store.Change {
		return w.at(w.Activation.Revision - 2).Fail()
	}},
	{"an update that overlaps the newest revision", store.ErrConflict, func(_ *env, w *Walk) store.Change {
		behind := w.at(w.Activation.Revision - 1)
		return Join(behind.Fail(), behind.Fail())
	}},
	{"an update one revision ahead", store.ErrConflict, func(_ *env, w *Walk) store.Change {
		return w.at(w.Activation.Revision + 1).Fail()
	}},
	{"an update far ahead", store.ErrConflict, func(_ *env, w *Walk) store.Change {
		return w.at(w.Activation.Revision + 1<<20).Fail()
	}},
	{"an update of an absent activation", store.ErrConflict, func(e *env, _ *Walk) store.Change {
		absent := e.walk()
		absent.Create()
		return absent.Complete()
	}},
	{"an update that rests on evidence that there is not", store.ErrConflict, func(_ *env, w *Walk) store.Change {
		change := w.twin(1).Fail()
		change.Rests.Evidence = []steps.Evidence{w.Evidence("never")}
		return change
	}},
	{"an update that rests on a tally that there is not", store.ErrConflict, func(_ *env, w *Walk) store.Change {
		change := w.twin(1).Fail()
		change.Rests.Tallies = []steps.Tally{w.Tally("never", 1)}
		return change
	}},
	{"a creation that rests on a tally that there is not", store.ErrConflict, func(e *env, w *Walk) store.Change {
		change := e.walk().Create()
		change.Rests.Tallies = []steps.Tally{w.Tally("never", 1)}
		return change
	}},
	{"an update of an absent activation with a taken binding", store.ErrConflict, func(e *env, w *Walk) store.Change {
		absent := e.walk()
		absent.Activation.Binding = w.Activation.Binding
		absent.Create()
		return absent.Complete()
	}},
}

// at returns a walk that takes the activation to be at another revision.
func (w *Walk) at(revision uint32) *Walk {
	other := w.From(w.Activation, uint64(revision))
	other.Activation.Revision = revision
	return other
}

func refusedCases() []testCase {
	var cases []testCase
	for _, r := range refusals {
		cases = append(cases, testCase{name: r.name + " leaves no trace", run: func(e *env) {
			w, known, unknown := e.beforeRefusal()
			before := e.see(known.Subject, unknown.Subject)

			change := r.change(e, w)
			change.Proven = []steps.Evidence{unknown}
			change.Withdrawn = []steps.Subject{known.Subject}
			change.Tallies = []steps.Tally{w.Tally(steps.TrustedPhone, 1)}
			require.ErrorIs(e, e.results(change)[0], r.want)

			e.requireSeen(before, known.Subject, unknown.Subject)
			require.Equal(e, []steps.Evidence{known, {}}, e.evidence(known.Subject, unknown.Subject))
			e.requireShown(w)
		}}, testCase{name: r.name + " is refused for one reason alone", run: func(e *env) {
			w, _, _ := e.beforeRefusal()
			err := e.results(r.change(e, w))[0]
			for _, sentinel := range sentinels {
				require.Equal(e, sentinel == r.want, errors.Is(err, sentinel), "%v is %v", err, sentinel)
			}
		}})
	}
	return cases
}

// beforeRefusal returns an activation of three entries, the evidence that its
// change left, and evidence that nobody committed.
func (e *env) beforeRefusal() (w *Walk, known, unknown steps.Evidence) {
	e.Helper()
	w = e.walk()
	change := Join(w.Create(), w.Complete(), w.Fail())
	known, unknown = w.Evidence(steps.TrustedPhone), w.Evidence(steps.MediumCarKey)
	change.Proven = []steps.Evidence{known}
	e.commit(change)
	return w, known, unknown
}

package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// calls are the methods of a store, with arguments that have an answer. w is an
// activation that the store holds.
var calls = []struct {
	name string
	call func(ctx context.Context, st store.Store, w *Walk) error
}{
	{"Load", func(ctx context.Context, st store.Store, w *Walk) error {
		_, err := st.Load(ctx, []steps.ID{w.Activation.StepsID})
		return err
	}},
	{"Find", func(ctx context.Context, st store.Store, w *Walk) error {
		_, err := st.Find(ctx, w.Activation.Binding)
		return err
	}},
	{"History", func(ctx context.Context, st store.Store, w *Walk) error {
		_, err := st.History(ctx, []steps.ID{w.Activation.StepsID})
		return err
	}},
	{"Evidence", func(ctx context.Context, st store.Store, w *Walk) error {
		_, err := st.Evidence(ctx, []steps.Subject{w.Subject(steps.TrustedPhone)})
		return err
	}},
	{"Tallies", func(ctx context.Context, st store.Store, w *Walk) error {
		_, err := st.Tallies(ctx, []steps.Subject{w.Subject(steps.TrustedPhone)})
		return err
	}},
	{"Due", func(ctx context.Context, st store.Store, _ *Walk) error {
		_, err := st.Due(ctx, endOfTime, 10)
		return err
	}},
	{"Scan", func(ctx context.Context, st store.Store, _ *Walk) error {
		_, err := st.Scan(ctx, 0, 10)
		return err
	}},
	{"List", func(ctx context.Context, st store.Store, _ *Walk) error {
		_, err := st.List(ctx, store.Query{})
		return err
	}},
	{"Changes", func(ctx context.Context, st store.Store, _ *Walk) error {
		_, err := st.Changes(ctx, "", 10)
		return err
	}},
	{"Commit of a creation", func(ctx context.Context, st store.Store, _ *Walk) error {
		return commitOne(ctx, st, NewWalk(1<<30).Create())
	}},
	{"Commit of an update", func(ctx context.Context, st store.Store, w *Walk) error {
		return commitOne(ctx, st, w.From(w.Activation, 1).Fail())
	}},
	{"Commit of a conflict", func(ctx context.Context, st store.Store, w *Walk) error {
		return commitOne(ctx, st, w.at(9).Fail())
	}},
	{"Commit of what rests on more", func(ctx context.Context, st store.Store, w *Walk) error {
		change := w.From(w.Activation, 1).Fail()
		change.Rests.Tallies = []steps.Tally{{Subject: w.Subject(steps.MediumCarKey)}}
		return commitOne(ctx, st, change)
	}},
	{"Erase", func(ctx context.Context, st store.Store, w *Walk) error {
		return eraseOne(ctx, st, w.twin(1).Erase())
	}},
	{"Erase of a conflict", func(ctx context.Context, st store.Store, w *Walk) error {
		return eraseOne(ctx, st, w.eraseAhead(9))
	}},
	{"Commit of a batch", func(ctx context.Context, st store.Store, w *Walk) error {
		results := st.Commit(ctx, []store.Change{NewWalk(1 << 31).Create(), w.From(w.Activation, 1).Reset()})
		if len(results) != 2 || results[0] == nil || results[1] == nil {
			return nil
		}
		return errors.Join(results...)
	}},
}

// commitOne commits one change.
func commitOne(ctx context.Context, st store.Store, change store.Change) error {
	results := st.Commit(ctx, []store.Change{change})
	if len(results) != 1 {
		return errors.New("not one result for one change")
	}
	return results[0]
}

// eraseOne commits one erasure.
func eraseOne(ctx context.Context, st store.Store, erasure store.Erasure) error {
	results := st.Erase(ctx, []store.Erasure{erasure})
	if len(results) != 1 {
		return errors.New("not one result for one erasure")
	}
	return results[0]
}

// endings are how a context is over.
var endings = []struct {
	name string
	over func(ctx context.Context) (context.Context, context.CancelFunc)
	want error
}{
	{"cancelled", func(ctx context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		return ctx, cancel
	}, context.Canceled},
	{"past its deadline", func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithDeadline(ctx, time.Unix(0, 0))
	}, context.DeadlineExceeded},
}

func contextCases() []testCase {
	var cases []testCase
	for _, ending := range endings {
		for _, c := range calls {
			cases = append(cases, testCase{name: c.name + " " + ending.name, run: func(e *env) {
				w, known, _ := e.beforeRefusal()
				subjects := []steps.Subject{known.Subject, w.Subject(steps.MediumCarKey)}
				before := e.see(subjects...)
				ctx, cancel := ending.over(e.Context())
				defer cancel()
				require.ErrorIs(e, c.call(ctx, e.st, w), ending.want)
				e.requireSeen(before, subjects...)
				e.commit(w.Complete())
				e.requireShown(w)
			}})
		}
	}
	return append(cases, testCase{name: "Commit cancelled meanwhile is whole or absent", run: func(e *env) {
		for range 20 {
			e.cancelMeanwhile()
		}
	}})
}

// cancelMeanwhile cancels a batch while it is committed, and requires that what
// was said to be durable is, and that nothing is half there.
func (e *env) cancelMeanwhile() {
	e.Helper()
	walks := e.created(32)
	before := make([]steps.Activation, len(walks))
	changes := make([]store.Change, len(walks))
	for i, w := range walks {
		before[i] = w.Activation
		changes[i] = Join(w.Complete(), w.Complete())
		changes[i].Proven = []steps.Evidence{w.Evidence(steps.TrustedPhone)}
	}
	ctx, cancel := context.WithCancel(e.Context())
	var results []error
	e.together(2, func(i int) error {
		if i == 0 {
			cancel()
			return nil
		}
		results = e.st.Commit(ctx, changes)
		return nil
	})
	require.Len(e, results, len(changes))
	for i, w := range walks {
		switch err := results[i]; {
		case err == nil:
			e.requireShown(w)
			require.Equal(e, changes[i].Proven, e.evidence(w.Subject(steps.TrustedPhone)))
		case errors.Is(err, context.Canceled), errors.Is(err, store.ErrUnavailable):
			e.requireWholeOrAbsent(before[i], changes[i])
		default:
			require.NoError(e, err)
		}
	}
}

// requireWholeOrAbsent requires that an activation is as before a change or as
// after it.
func (e *env) requireWholeOrAbsent(before steps.Activation, change store.Change) {
	e.Helper()
	// It may yet become durable, so the newest is looked at last.
	entries := e.history(before.StepsID)
	now := e.load(before.StepsID)
	require.Contains(e, []uint32{before.Revision, change.Activation.Revision}, entries[len(entries)-1].Revision)
	if now.Revision == before.Revision {
		require.Equal(e, before, now)
	} else {
		require.Equal(e, change.Activation, now)
	}
}

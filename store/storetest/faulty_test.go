package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/memstore"
)

func noFaults(Method) Fault { return Fault{} }

// TestFaultyWithoutFaults: the wrapper itself keeps the contract.
func TestFaultyWithoutFaults(t *testing.T) {
	Run(t, Harness{Open: func(testing.TB) store.Store { return NewFaulty(memstore.New(), noFaults) }})
}

// faultyEnv returns a memory store in a Faulty that as yet lets everything
// pass.
func faultyEnv(t *testing.T) (*env, *Faulty) {
	f := NewFaulty(memstore.New(), noFaults)
	e := &env{TB: t}
	e.use(f)
	return e, f
}

func TestFailBefore(t *testing.T) {
	for _, c := range calls {
		t.Run(c.name, func(t *testing.T) {
			e, f := faultyEnv(t)
			w := e.created(1)[0]
			before := e.see()
			f.SetPlan(func(Method) Fault { return Fault{Kind: FailBefore} })
			require.ErrorIs(t, c.call(t.Context(), f, w), store.ErrUnavailable)
			f.SetPlan(noFaults)
			e.requireSeen(before)
			require.Equal(t, 1, f.Hits(FailBefore))
		})
	}
}

func TestFailAfter(t *testing.T) {
	e, f := faultyEnv(t)
	walks := e.created(2)
	f.SetPlan(Script(Commit, Fault{Kind: FailAfter}))
	results := e.results(walks[0].Complete(), walks[1].at(9).Fail())
	require.ErrorIs(t, results[0], store.ErrUnavailable)
	require.ErrorIs(t, results[1], store.ErrConflict)
	e.requireShown(walks[0])
	e.requireShown(walks[1])
}

func TestFailAfterErase(t *testing.T) {
	e, f := faultyEnv(t)
	walks := e.created(2)
	stale := walks[1].eraseAhead(1)
	f.SetPlan(Script(Erase, Fault{Kind: FailAfter}))
	results := e.erasureResults(walks[0].Erase(), stale)
	require.ErrorIs(t, results[0], store.ErrUnavailable)
	require.ErrorIs(t, results[1], store.ErrConflict)
	require.Equal(t, 1, f.Hits(FailAfter))
	e.requireShown(walks[0])
	e.requireShown(walks[1])
}

// TestFailLateBehindAnErasure: what is late is refused by the store where the
// activation was erased meanwhile.
func TestFailLateBehindAnErasure(t *testing.T) {
	e, f := faultyEnv(t)
	w := e.created(1)[0]
	f.SetPlan(Script(Commit, Fault{Kind: FailLate}))
	require.ErrorIs(t, e.results(w.twin(1).Complete())[0], store.ErrUnavailable)
	e.erase(w.Erase())
	e.commit(e.walk().Create())
	e.requireShown(w)
}

func TestFailLate(t *testing.T) {
	e, f := faultyEnv(t)
	walks := e.created(2)
	before := e.see()
	f.SetPlan(Script(Commit, Fault{Kind: FailLate}))
	changes := []store.Change{walks[0].Complete()}
	require.ErrorIs(t, e.results(changes...)[0], store.ErrUnavailable)
	clear(changes)
	e.requireSeen(before)
	e.commit(walks[1].Complete())
	e.requireShown(walks[0])
	e.requireShown(walks[1])
}

func TestShortBatch(t *testing.T) {
	e, f := faultyEnv(t)
	walks := e.created(4)
	f.SetPlan(Script(Commit, Fault{Kind: ShortBatch, Keep: 2}, Fault{Kind: ShortBatch, Keep: 100}))
	before := walks[2].Activation
	results := e.results(walks[0].Complete(), walks[1].Complete(), walks[2].Complete())
	require.NoError(t, results[0])
	require.NoError(t, results[1])
	require.ErrorIs(t, results[2], store.ErrUnavailable)
	e.requireShown(walks[0])
	e.requireShown(walks[1])
	require.Equal(t, before, e.load(before.StepsID))
	e.commit(walks[3].Complete()) // shorter than what is kept of it
}

func TestDelay(t *testing.T) {
	e, f := faultyEnv(t)
	w := e.created(1)[0]
	before := w.Activation
	f.SetPlan(Script(Commit, Fault{Delay: time.Millisecond}, Fault{Delay: time.Hour}))
	e.commit(w.Complete())
	e.requireShown(w)

	ctx, cancel := context.WithCancel(t.Context())
	cut := make(chan error)
	go func() { cut <- commitOne(ctx, f, w.Complete()) }()
	cancel()
	require.ErrorIs(t, <-cut, context.Canceled)
	require.Equal(t, before.Revision+1, e.load(before.StepsID).Revision)
}

// TestOvertaken: the activation really moves, by an entry as the engine writes
// it, and the store itself refuses the change.
func TestOvertaken(t *testing.T) {
	for name, to := range map[string]func(w *Walk) store.Change{
		"a step is to do": (*Walk).Complete,
		"activated":       func(w *Walk) store.Change { return Join(w.Complete(), w.Complete(), w.Complete()) },
		"cancelled":       func(w *Walk) store.Change { return Join(w.Complete(), w.Cancel()) },
		"expired":         func(w *Walk) store.Change { return Join(w.Complete(), w.Expire()) },
	} {
		t.Run(name, func(t *testing.T) {
			e, f := faultyEnv(t)
			w := e.created(1)[0]
			e.commit(to(w))
			id, before := w.Activation.StepsID, w.Activation
			f.SetPlan(Script(Commit, Fault{Kind: Overtaken}))
			change := w.Reset()
			require.ErrorIs(t, e.results(change)[0], store.ErrConflict)
			require.Equal(t, 1, f.Hits(Overtaken))

			now, entries := e.load(id), e.history(id)
			e.requireChain(now, entries)
			require.Equal(t, before.Revision+1, now.Revision)
			require.Equal(t, before.State, now.State)
			require.Equal(t, steps.Failed, entries[before.Revision].Kind)
			e.commit(w.From(now, 1).Reset())
		})
	}
	t.Run("a creation", func(t *testing.T) {
		e, f := faultyEnv(t)
		w := e.walk()
		w.Proves = true
		f.SetPlan(Script(Commit, Fault{Kind: Overtaken}))
		require.ErrorIs(t, e.results(Join(w.Create(), w.Complete()))[0], store.ErrExists)
		found, err := f.Find(t.Context(), w.Activation.Binding)
		require.NoError(t, err)
		require.NotEqual(t, w.Activation.StepsID, found.StepsID)
		require.Equal(t, found.StepsID, e.evidence(w.Subject(steps.TrustedPhone))[0].StepsID)
		e.requireChain(found, e.history(found.StepsID))
	})
	t.Run("but not what is erased", func(t *testing.T) {
		e, f := faultyEnv(t)
		w := e.created(1)[0]
		e.erase(w.Erase())
		f.SetPlan(Script(Commit, Fault{Kind: Overtaken}))
		e.commit(w.twin(1).Fail())
		require.Zero(t, f.Hits(Overtaken))
	})
	t.Run("but not what is stale already", func(t *testing.T) {
		e, f := faultyEnv(t)
		w := e.created(1)[0]
		f.SetPlan(Script(Commit, Fault{Kind: Overtaken}))
		require.ErrorIs(t, e.results(w.at(9).Fail())[0], store.ErrConflict)
		require.Zero(t, f.Hits(Overtaken))
		e.requireShown(w)
	})
}

func TestRandomKeepsToWhatAMethodCan(t *testing.T) {
	kinds := make(map[Method]map[FaultKind]bool)
	plan := Random(1, 2, 0)
	for range 400 {
		for _, method := range []Method{Load, Commit, Erase} {
			if kinds[method] == nil {
				kinds[method] = make(map[FaultKind]bool)
			}
			kinds[method][plan(method).Kind] = true
		}
	}
	require.Equal(t, map[FaultKind]bool{NoFault: true, FailBefore: true}, kinds[Load])
	require.Equal(t, map[FaultKind]bool{NoFault: true, FailBefore: true, FailAfter: true}, kinds[Erase])
	require.Len(t, kinds[Commit], faultKinds)
}

func TestScriptIsAboutOneMethod(t *testing.T) {
	e, f := faultyEnv(t)
	w := e.created(1)[0]
	f.SetPlan(Script(Load, Fault{Kind: FailBefore}, Fault{}, Fault{Kind: FailBefore}))
	load := func() error {
		_, err := f.Load(t.Context(), []steps.ID{w.Activation.StepsID})
		return err
	}
	e.commit(w.Complete())
	require.ErrorIs(t, load(), store.ErrUnavailable)
	require.NoError(t, load())
	e.commit(w.Complete())
	require.ErrorIs(t, load(), store.ErrUnavailable)
	require.NoError(t, load())
}

func TestRandomIsRepeatable(t *testing.T) {
	first, second, other := Random(1, 3, time.Second), Random(1, 3, time.Second), Random(2, 3, time.Second)
	var same, different int
	for range 300 {
		fault := first(Commit)
		require.Equal(t, fault, second(Commit))
		if fault == other(Commit) {
			same++
		} else {
			different++
		}
	}
	require.NotZero(t, different)
	require.NotZero(t, same, "both have calls without a fault")
}

// TestSurvivingFaults commits events through a Faulty at random. A client that
// looks into the history before it tries again records each once; one that takes
// an unknown outcome for a failure does not, and is the control.
func TestSurvivingFaults(t *testing.T) {
	for name, looks := range map[string]bool{"who looks records each event once": true, "who guesses does not": false} {
		t.Run(name, func(t *testing.T) {
			e, f := faultyEnv(t)
			w := e.created(1)[0]
			f.SetPlan(Random(5, 2, 0))
			const events = 300
			for n := range events {
				e.record(w, steps.EventID("client", steps.ID(n+1).String()), looks)
			}
			f.SetPlan(noFaults)
			e.commit(e.walk().Create()) // what is late is now written

			times := make(map[steps.EventKey]int)
			for _, entry := range e.history(w.Activation.StepsID) {
				if entry.Event.Source == "client" {
					times[entry.Event]++
				}
			}
			var twice int
			for _, n := range times {
				if n > 1 {
					twice++
				}
			}
			require.Len(t, times, events)
			require.Equal(t, looks, twice == 0, "%d events stand twice", twice)
			e.requireChain(e.load(w.Activation.StepsID), e.history(w.Activation.StepsID))
			for kind := FailBefore; int(kind) < faultKinds; kind++ {
				require.NotZero(t, f.Hits(kind), "fault %d", kind)
			}
		})
	}
}

// record tries until an event is recorded.
func (e *env) record(w *Walk, key steps.EventKey, looks bool) {
	e.Helper()
	ids := []steps.ID{w.Activation.StepsID}
	for {
		loaded, err := e.st.Load(e.Context(), ids)
		if errors.Is(err, store.ErrUnavailable) {
			continue
		}
		require.NoError(e, err)
		histories, err := e.st.History(e.Context(), ids)
		if errors.Is(err, store.ErrUnavailable) {
			continue
		}
		require.NoError(e, err)
		known := func(entry steps.Entry) bool { return entry.Event == key }
		if looks && slices.ContainsFunc(histories[0], known) {
			return
		}
		change := w.From(loaded[0], 1).Record(steps.Entry{
			Kind: steps.Failed, Outcome: steps.Applied, Payload: steps.Payload{Event: key},
		})
		err = commitOne(e.Context(), e.st, change)
		if err == nil {
			return
		}
		require.True(e, errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrConflict), "%v", err)
	}
}

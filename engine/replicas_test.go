package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/memstore"
)

// replicas returns several engines on one store.
func replicas(t *testing.T, st store.Store, n int) []*engine.Engine {
	t.Helper()
	engines := make([]*engine.Engine, n)
	for i := range engines {
		eng, err := engine.New(st, engine.Options{CacheSize: 4})
		require.NoError(t, err)
		t.Cleanup(eng.Close)
		engines[i] = eng
	}
	return engines
}

// TestOneActivationABinding has many callers on several replicas ask for the
// same association first.
func TestOneActivationABinding(t *testing.T) {
	engines := replicas(t, memstore.New(), 3)
	ids := make([]steps.ID, 60)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			list, err := engines[i%len(engines)].Steps(context.Background(), phone, engine.StepsRequest{CarAssociationID: "987654"})
			if err == nil {
				ids[i] = list.StepsID
			}
		})
	}
	wg.Wait()
	for _, id := range ids {
		require.Equal(t, ids[0], id)
		require.NotZero(t, id)
	}
}

// TestHotActivation has 100 callers on three replicas send the same events, and
// resets between them. One line of history comes of it, and each event has one
// verdict wherever it was told.
func TestHotActivation(t *testing.T) {
	ctx := context.Background()
	engines := replicas(t, memstore.New(), 3)
	list, err := engines[0].Steps(ctx, phone, engine.StepsRequest{CarAssociationID: "987654"})
	require.NoError(t, err)

	names := []string{steps.TrustedPhone, steps.DeviceActivation, steps.MediumCarKey}
	var (
		mu       sync.Mutex
		verdicts = make(map[string]steps.Verdict)
		wg       sync.WaitGroup
	)
	for caller := range 100 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(1, uint64(caller)))
			for range 30 {
				n := rnd.IntN(60)
				key := fmt.Sprint("e-", n)
				ev := steps.Completion(steps.EventID("sms", key), list.StepsID, names[n%len(names)])
				if n%10 == 9 {
					ev.Kind, ev.Steps = steps.Reset, nil
				}
				verdict, err := engines[rnd.IntN(len(engines))].Handle(ctx, backend, ev)
				if err != nil {
					t.Error(err)
					return
				}
				verdict.Duplicate = false
				mu.Lock()
				first, told := verdicts[key]
				verdicts[key] = verdict
				mu.Unlock()
				if told && first != verdict {
					t.Errorf("%s: first %+v, then %+v", key, first, verdict)
				}
			}
		})
	}
	wg.Wait()

	entries, err := engines[1].History(ctx, phone, list.StepsID)
	require.NoError(t, err)
	state := steps.State("")
	for _, entry := range entries {
		require.Equal(t, state, entry.Before)
		state = entry.After
	}
	verified, err := engines[0].Verify(ctx, support, 0, 0)
	require.NoError(t, err)
	require.Empty(t, verified.Faults)
	require.Len(t, entries, 1+len(verdicts), "one entry an event, and the creation")
}

// TestReadsSeeOtherReplicas: what one replica acknowledged, every other reads.
func TestReadsSeeOtherReplicas(t *testing.T) {
	ctx := context.Background()
	engines := replicas(t, memstore.New(), 2)
	list, err := engines[0].Steps(ctx, phone, engine.StepsRequest{CarAssociationID: "987654"})
	require.NoError(t, err)
	_, err = engines[1].Next(ctx, phone, list.StepsID)
	require.NoError(t, err)
	_, err = engines[0].Handle(ctx, backend, steps.Completion(steps.EventID("sms", "1"), list.StepsID, steps.TrustedPhone))
	require.NoError(t, err)
	next, err := engines[1].Next(ctx, phone, list.StepsID)
	require.NoError(t, err)
	require.Equal(t, steps.DeviceActivation, next.Name)
}

// TestBatch: events of one activation in one batch are judged each on the
// outcome of the one before, and a bad one does not keep the others from theirs.
func TestBatch(t *testing.T) {
	ctx := context.Background()
	eng := newEngine(t)
	list, err := eng.Steps(ctx, phone, engine.StepsRequest{CarAssociationID: "987654"})
	require.NoError(t, err)
	results := eng.HandleBatch(ctx, backend, []steps.Event{
		steps.Completion(steps.EventID("sms", "1"), list.StepsID, steps.DeviceActivation),
		steps.Completion(steps.EventID("sms", "2"), list.StepsID, steps.TrustedPhone),
		steps.Completion(steps.EventID("sms", "2"), list.StepsID, steps.TrustedPhone),
		steps.Completion(steps.EventID("sms", "2"), list.StepsID, steps.MediumCarKey),
		steps.Completion(steps.EventID("", "3"), list.StepsID, steps.MediumCarKey),
		steps.Completion(steps.EventID("sms", "4"), 7, steps.TrustedPhone),
		steps.Completion(steps.EventID("sms", "5"), list.StepsID, steps.DeviceActivation, steps.MediumCarKey),
	})
	type short struct {
		outcome   steps.Outcome
		reason    steps.Refusal
		duplicate bool
	}
	var got []short
	for _, r := range results {
		got = append(got, short{r.Verdict.Outcome, r.Verdict.Reason, r.Verdict.Duplicate})
	}
	require.Equal(t, []short{
		{steps.Refused, steps.OutOfOrder, false},
		{steps.Applied, "", false},
		{steps.Applied, "", true},
		{steps.Refused, steps.Conflict, false},
		{},
		{steps.Refused, steps.UnknownActivation, false},
		{steps.Applied, "", false},
	}, got)
	require.ErrorIs(t, results[4].Err, steps.ErrMissing)
	require.Equal(t, steps.StateActivated, results[6].Verdict.State)
}

// TestRights: who may not, cannot, and learns nothing.
func TestRights(t *testing.T) {
	ctx := context.Background()
	eng := newEngine(t)
	list, err := eng.Steps(ctx, phone, engine.StepsRequest{CarAssociationID: "987654"})
	require.NoError(t, err)

	_, err = eng.Handle(ctx, phone, steps.Completion(steps.EventID("phone", "1"), list.StepsID, steps.TrustedPhone))
	require.ErrorIs(t, err, steps.ErrForbidden)
	_, err = eng.Steps(ctx, backend, engine.StepsRequest{CarAssociationID: "987654"})
	require.ErrorIs(t, err, steps.ErrForbidden)
	_, err = eng.List(ctx, phone, store.Query{})
	require.ErrorIs(t, err, steps.ErrForbidden)
	_, err = eng.Changes(ctx, backend, "", 0)
	require.ErrorIs(t, err, steps.ErrForbidden)
	cancel := steps.Event{
		Key: steps.EventID("desk", "1"), Kind: steps.Cancelled, StepsID: list.StepsID, Actor: "ann", Reason: "stolen",
	}
	_, err = eng.Handle(ctx, backend, cancel)
	require.ErrorIs(t, err, steps.ErrForbidden)

	for _, stranger := range []steps.Caller{
		{User: "u-2", Device: phone.Device, Rights: steps.Ask},
		{User: phone.User, Device: "tablet", Rights: steps.Ask},
	} {
		_, foreign := eng.Next(ctx, stranger, list.StepsID)
		_, unknown := eng.Next(ctx, stranger, list.StepsID+1)
		require.ErrorIs(t, foreign, steps.ErrNotFound)
		require.Equal(t, unknown, foreign)
		_, foreign = eng.History(ctx, stranger, list.StepsID)
		require.Equal(t, unknown, foreign)
	}

	verdict, err := eng.Handle(ctx, support, cancel)
	require.NoError(t, err)
	require.Equal(t, steps.StateCancelled, verdict.State)
	_, err = eng.Next(ctx, phone, list.StepsID)
	require.ErrorIs(t, err, steps.ErrRefused)
	shown, err := eng.Show(ctx, phone, list.StepsID)
	require.NoError(t, err)
	require.Equal(t, steps.StateCancelled, shown.State)
	again, err := eng.Steps(ctx, phone, engine.StepsRequest{StepsID: list.StepsID, Reset: true})
	require.NoError(t, err)
	require.EqualValues(t, steps.TrustedPhone, again.State)
}

// TestAfterClose: what would change something says that the service is stopping.
func TestAfterClose(t *testing.T) {
	ctx := context.Background()
	eng := newEngine(t)
	list, err := eng.Steps(ctx, phone, engine.StepsRequest{CarAssociationID: "987654"})
	require.NoError(t, err)
	eng.Close()
	_, err = eng.Handle(ctx, backend, steps.Completion(steps.EventID("sms", "1"), list.StepsID, steps.TrustedPhone))
	require.ErrorIs(t, err, steps.ErrUnavailable)
	require.True(t, errors.Is(err, store.ErrClosed))
}

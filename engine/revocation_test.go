package engine_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/memstore"
)

// unguarded is a store that forgets what a change rests on.
type unguarded struct{ store.Store }

func (u unguarded) Commit(ctx context.Context, changes []store.Change) []error {
	blind := make([]store.Change, len(changes))
	for i, c := range changes {
		c.Rests = store.Rests{}
		blind[i] = c
	}
	return u.Store.Commit(ctx, blind)
}

// overtaken lets vehicles be added to a user while the phone is revoked, and
// returns how many of them show it as proven afterwards.
func overtaken(t *testing.T, wrap func(store.Store) store.Store) int {
	t.Helper()
	ctx := context.Background()
	st := wrap(memstore.New())
	var replicas [2]*engine.Engine
	for i := range replicas {
		eng, err := engine.New(st, engine.Options{})
		require.NoError(t, err)
		defer eng.Close()
		replicas[i] = eng
	}
	first, err := replicas[0].Steps(ctx, phone, engine.StepsRequest{CarAssociationID: "first"})
	require.NoError(t, err)
	tell := func(eng *engine.Engine, kind steps.Kind) {
		ev := steps.Event{
			Key: steps.EventID("test", kind.String()), Kind: kind, StepsID: first.StepsID,
			Steps: []string{steps.TrustedPhone}, Actor: "ann", Reason: "stolen",
		}
		verdict, err := eng.Handle(ctx, steps.Caller{User: "all", Rights: steps.AllRights}, ev)
		require.NoError(t, err)
		require.Equal(t, steps.Applied, verdict.Outcome)
	}
	tell(replicas[0], steps.Completed)

	var adding sync.WaitGroup
	begun := make(chan struct{})
	for n := range 40 {
		adding.Go(func() {
			<-begun
			if _, err := replicas[n%2].Steps(ctx, phone, engine.StepsRequest{CarAssociationID: fmt.Sprint(n)}); err != nil {
				t.Error(err)
			}
		})
	}
	close(begun)
	tell(replicas[1], steps.Revoked)
	adding.Wait()

	found, err := st.List(ctx, store.Query{User: phone.User})
	require.NoError(t, err)
	proven := 0
	for i := range found {
		if found[i].Proofs[0].Done() {
			proven++
		}
	}
	return proven
}

// TestNothingOvertakesARevocation: an activation that read the evidence before
// it was withdrawn, and is made afterwards, does not have it.
func TestNothingOvertakesARevocation(t *testing.T) {
	for range 100 {
		require.Zero(t, overtaken(t, func(st store.Store) store.Store { return st }))
	}
}

// TestRevocationControl: without what changes rest on, some would.
func TestRevocationControl(t *testing.T) {
	for range 2000 {
		if overtaken(t, func(st store.Store) store.Store { return unguarded{st} }) > 0 {
			return
		}
	}
	require.Fail(t, "2,000 revocations under load, and none was overtaken")
}

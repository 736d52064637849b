package engine

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/memstore"
)

// counting returns an engine, its store, and two activations of one user whose
// failures at the step a are counted together.
func counting(t *testing.T, caller steps.Caller) (*Engine, store.Store, [2]steps.ID) {
	t.Helper()
	plan, err := steps.NewPlan("s",
		steps.Step{Name: "a", Scope: steps.ScopeUser, Budget: steps.Budget{Lifetime: 9}},
		steps.Step{Name: "b", Scope: steps.ScopeUser})
	require.NoError(t, err)
	plans, err := steps.NewCatalog(plan)
	require.NoError(t, err)
	st := memstore.New()
	e, err := New(st, Options{Plans: plans})
	require.NoError(t, err)
	t.Cleanup(e.Close)
	var ids [2]steps.ID
	for i, association := range []string{"car-1", "car-2"} {
		list, err := e.Steps(context.Background(), caller, StepsRequest{CarAssociationID: association})
		require.NoError(t, err)
		ids[i] = list.StepsID
	}
	return e, st, ids
}

// A failure that read the tally early lies in one batch behind a completion that
// read it late. What follows from the older tally must not rest on the newer.
func TestFailureIsNotCountedFromAnOldTally(t *testing.T) {
	ctx := context.Background()
	caller := steps.Caller{User: "u", Device: "d", Rights: steps.AllRights}
	e, st, ids := counting(t, caller)
	failure := func(id steps.ID) *steps.Event {
		return &steps.Event{Key: steps.EventID("x", "failure"), Kind: steps.Failed, StepsID: id, Steps: []string{"a"}}
	}
	counted := func() []steps.Tally {
		_, tallies, err := e.recall(ctx, nil, []steps.Subject{{Step: "a", User: "u"}})
		require.NoError(t, err)
		return tallies
	}
	early := counted()
	_, err := e.Handle(ctx, caller, *failure(ids[1]))
	require.NoError(t, err)

	completion := steps.Completion(steps.EventID("x", "completion"), ids[0], "a")
	slot, b := e.cache.get(ids[0]), &batch{byID: map[steps.ID]*work{}}
	for _, o := range []*op{
		{event: &completion, caller: &caller, slot: slot, facts: facts{tallies: counted()}},
		{event: failure(ids[0]), caller: &caller, slot: slot, facts: facts{tallies: early}},
	} {
		b.judge(o, store.Millis(time.Now()))
		require.NoError(t, o.err)
	}
	results := st.Commit(ctx, []store.Change{b.works[0].change()})
	require.ErrorIs(t, results[0], store.ErrConflict, "the failure before it is lost")
}

package engine_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store/memstore"
)

var (
	phone   = steps.Caller{User: "u-1", Device: "phone", Rights: steps.Ask, Channel: "pims"}
	backend = steps.Caller{User: "sms-gateway", Rights: steps.Report, Channel: "v1"}
	support = steps.Caller{User: "support", Rights: steps.Operate, Channel: "v1"}
)

func newEngine(t *testing.T) *engine.Engine {
	t.Helper()
	st := memstore.New()
	eng, err := engine.New(st, engine.Options{})
	require.NoError(t, err)
	t.Cleanup(func() {
		eng.Close()
		require.NoError(t, st.Close())
	})
	return eng
}

func TestWalkOfTheSourceText(t *testing.T) {
	ctx := context.Background()
	eng := newEngine(t)

	list, err := eng.Steps(ctx, phone, engine.StepsRequest{CarAssociationID: "987654"})
	require.NoError(t, err)
	require.Equal(t, []steps.Item{
		{Name: "trustedPhone", Status: steps.Todo, Order: 1},
		{Name: "deviceActivation", Status: steps.Todo, Order: 2},
		{Name: "mediumCarKey", Status: steps.Todo, Order: 3},
	}, list.Items)

	for i, step := range []string{steps.TrustedPhone, steps.DeviceActivation, steps.MediumCarKey} {
		next, err := eng.Next(ctx, phone, list.StepsID)
		require.NoError(t, err)
		require.Equal(t, &steps.Item{Name: step, Status: steps.Todo, Order: 1}, next)
		verdict, err := eng.Handle(ctx, backend, steps.Completion(steps.EventID("sms", step), list.StepsID, step))
		require.NoError(t, err)
		require.Equal(t, steps.Applied, verdict.Outcome)
		require.EqualValues(t, i+2, verdict.Revision)
	}
	next, err := eng.Next(ctx, phone, list.StepsID)
	require.NoError(t, err)
	require.Nil(t, next)

	again, err := eng.Steps(ctx, phone, engine.StepsRequest{StepsID: list.StepsID, Reset: true, Filter: steps.FilterDone})
	require.NoError(t, err)
	require.Empty(t, again.Items)
	require.EqualValues(t, 1, again.Epoch)
	require.Equal(t, list.StepsID, again.StepsID)
}

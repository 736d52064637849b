package steps_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

// TestSubject: only the members that the scope names are set.
func TestSubject(t *testing.T) {
	a := &steps.Activation{
		StepsID: 7, Binding: steps.Binding{Association: "1", User: "ann", Device: "phone"}, VIN: "VF3",
	}
	for scope, want := range map[steps.Scope]steps.Subject{
		steps.ScopeActivation:  {Step: "a", User: "ann", StepsID: 7},
		steps.ScopeUser:        {Step: "a", User: "ann"},
		steps.ScopeUserDevice:  {Step: "a", User: "ann", Device: "phone"},
		steps.ScopeUserVehicle: {Step: "a", User: "ann", VIN: "VF3"},
	} {
		plan, err := steps.NewPlan("service", steps.Step{Name: "first"}, steps.Step{Name: "a", Scope: scope})
		require.NoError(t, err)
		require.Equal(t, want, plan.Subject(1, a), scope.String())
	}
}

func TestEvidenceCounts(t *testing.T) {
	now := time.UnixMilli(1000)
	evidence := func(until time.Time) *steps.Evidence {
		return &steps.Evidence{Until: until, Origin: steps.Origin{StepsID: 7, At: now}}
	}
	require.True(t, evidence(time.Time{}).Counts(now), "without an end")
	require.True(t, evidence(now.Add(time.Millisecond)).Counts(now))
	require.False(t, evidence(now).Counts(now), "until then, and no longer")
	require.False(t, evidence(now.Add(-time.Millisecond)).Counts(now))
	require.False(t, new(steps.Evidence).Counts(now), "nothing is proven")
	require.False(t, (&steps.Evidence{Subject: steps.Subject{Step: "a"}}).Counts(now), "nothing is proven of the subject")
}

func TestTallyLocked(t *testing.T) {
	now := time.UnixMilli(1000)
	require.False(t, new(steps.Tally).Locked(now))
	require.True(t, (&steps.Tally{Opens: now.Add(time.Millisecond)}).Locked(now))
	require.False(t, (&steps.Tally{Opens: now}).Locked(now), "it opens then")
	require.True(t, (&steps.Tally{Spent: true}).Locked(now.AddDate(100, 0, 0)), "only an operator can unlock it")
}

package steps_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

// TestDue: what falls due first counts, and nothing in a state that only a
// reset or nothing at all ends.
func TestDue(t *testing.T) {
	at := func(hours int) time.Time { return time.UnixMilli(0).Add(time.Duration(hours) * time.Hour) }
	open := func() steps.Activation {
		return steps.Activation{
			State: steps.TrustedPhone, Deadline: at(30),
			Proofs: []steps.Proof{{}, {Until: at(20), Revision: 2}, {Until: at(40), Revision: 3}},
			Held:   []steps.HeldCompletion{{Until: at(50)}, {Until: at(10)}},
		}
	}
	for _, row := range []struct {
		name  string
		alter func(a *steps.Activation)
		due   time.Time
	}{
		{"a held completion", func(*steps.Activation) {}, at(10)},
		{"a proof", func(a *steps.Activation) { a.Held = a.Held[:1] }, at(20)},
		{"the deadline", func(a *steps.Activation) { a.Held, a.Proofs[1].Until = nil, time.Time{} }, at(30)},
		{"before the Unix epoch", func(a *steps.Activation) { a.Deadline = at(-1) }, at(-1)},
		{"activated, past the deadline", func(a *steps.Activation) {
			a.State, a.Held, a.Deadline = steps.StateActivated, nil, at(5)
		}, at(20)},
		{"nothing ends", func(a *steps.Activation) { *a = steps.Activation{State: steps.TrustedPhone, Proofs: a.Proofs[:1]} }, time.Time{}},
		{"activated for good", func(a *steps.Activation) {
			*a = steps.Activation{State: steps.StateActivated, Deadline: at(5)}
		}, time.Time{}},
		{"cancelled", func(a *steps.Activation) { a.State = steps.StateCancelled }, time.Time{}},
		{"expired", func(a *steps.Activation) { a.State = steps.StateExpired }, time.Time{}},
		{"erased", func(a *steps.Activation) { a.State = steps.StateErased }, time.Time{}},
	} {
		a := open()
		row.alter(&a)
		require.Equal(t, row.due, a.Due(), row.name)
	}
}

func TestProofIsDone(t *testing.T) {
	now := time.UnixMilli(1)
	require.False(t, steps.Proof{}.Done())
	require.True(t, steps.Proof{At: now, Revision: 1}.Done())
	require.False(t, steps.Proof{At: now, Revision: 1, Revoked: true}.Done())
}

// TestItemsOfARevokedStep: what was revoked is to do again.
func TestItemsOfARevokedStep(t *testing.T) {
	plan, err := steps.NewPlan("service", steps.Step{Name: "a"}, steps.Step{Name: "b"})
	require.NoError(t, err)
	a := steps.Activation{Proofs: []steps.Proof{{Revision: 2, Revoked: true}, {Revision: 3}}}
	require.Equal(t, []steps.Item{
		{Name: "a", Status: steps.Todo, Order: 1, Proof: a.Proofs[0]},
		{Name: "b", Status: steps.AlreadyDone, Order: 2, Proof: a.Proofs[1]},
	}, plan.Items(&a, steps.FilterAll))
	require.Equal(t, "b", plan.Items(&a, steps.FilterDone)[0].Name)
	require.Equal(t, 1, plan.Items(&a, steps.FilterDone)[0].Order)
}

func TestCallerOwns(t *testing.T) {
	a := &steps.Activation{Binding: steps.Binding{Association: "1", User: "ann", Device: "phone"}}
	require.True(t, steps.Caller{User: "ann", Device: "phone"}.Owns(a))
	require.False(t, steps.Caller{User: "ann", Device: "tablet"}.Owns(a))
	require.False(t, steps.Caller{User: "bob", Device: "phone"}.Owns(a))
	require.False(t, steps.Caller{}.Owns(&steps.Activation{State: steps.StateErased}), "what is erased is nobody's")
}

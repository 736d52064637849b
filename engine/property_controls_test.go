package engine_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store/memstore"
)

// wrongRules are rules that a control gets wrong, one at a time, and what shows it
// first: the verdict on an event, the answer to a device, the view that an
// operator has, or how many activations a sweep tells of.
var wrongRules = []struct{ rule, caughtBy string }{
	{"skips the epoch check", "verdict"},
	{"skips the time check", "verdict"},
	{"forgets verdicts", "verdict"},
	{"forgets refusals", "verdict"},
	{"takes another payload for the same", "verdict"},
	{"takes steps out of order", "verdict"},
	{"completes half of a combination", "verdict"},
	{"absorbs too early", "view"},
	{"absorbs out of order", "view"},
	{"absorbs although it is locked", "view"},
	{"absorbs what a checker denies by now", "view"},
	{"holds without limit", "verdict"},
	{"a held completion outlives its time", "view"},
	{"what is held outlives its activation", "view"},
	{"evidence of another user counts", "answer"},
	{"evidence of another device counts", "answer"},
	{"evidence survives a reset", "answer"},
	{"expired evidence still counts", "answer"},
	{"a proof outlives its time", "view"},
	{"the deadline applies after the activation", "view"},
	{"a reset gives a lockout back", "verdict"},
	{"a reset keeps what is done", "verdict"},
	{"a reset keeps the epoch", "verdict"},
	{"a device resets twice", "answer"},
	{"failures outside the window count", "verdict"},
	{"a failure of an older epoch does not count", "verdict"},
	{"an unlock leaves the lockout", "verdict"},
	{"a revocation does not spread", "view"},
	{"a revocation leaves the evidence", "answer"},
	{"an override ignores that it is cancelled", "verdict"},
	{"an override is evidence elsewhere", "answer"},
	{"believes without the checker", "verdict"},
	{"a device is believed without a checker", "verdict"},
	{"a move forgets proofs", "view"},
	{"a stepsID serves another user", "answer"},
	{"makes an activation that is not eligible", "answer"},
}

// controlWalks is up to how many walks a control takes.
const controlWalks = 1000

func seeded(seed int) func(n int) int { return rand.New(rand.NewPCG(uint64(seed), 0)).IntN }

// TestModelControls gives the world one wrong rule at a time: each must show, by
// what the list says.
func TestModelControls(t *testing.T) {
	for _, fault := range wrongRules {
		t.Run(fault.rule, func(t *testing.T) {
			t.Parallel()
			for seed := range controlWalks {
				if differ := run(walkLength, fault.rule, seeded(seed)); differ != nil && differ.where == fault.caughtBy {
					return
				}
			}
			require.Fail(t, "no walk found it")
		})
	}
}

// reaches is what walks must meet: a rule that none of them meets is not
// shown.
func reaches() map[string]bool {
	missing := make(map[string]bool)
	for _, kind := range []steps.Kind{
		steps.Created, steps.Completed, steps.Failed, steps.Reset, steps.Cancelled, steps.Overridden, steps.Revoked,
		steps.Unlocked, steps.Moved, steps.Inherited, steps.Checked, steps.Absorbed, steps.Expired,
	} {
		missing[fmt.Sprint(kind, " applied ")] = true
	}
	missing["completed held "] = true
	for _, reason := range []steps.Refusal{
		steps.OutOfOrder, steps.DoneAlready, steps.Stale, steps.EpochAhead, steps.UnknownStep, steps.IsCancelled,
		steps.IsExpired, steps.Locked, steps.NotConfirmed, steps.HoldFull,
	} {
		missing[fmt.Sprint("completed refused ", reason)] = true
	}
	missing["revoked refused notProven"] = true
	for _, reason := range []steps.Refusal{
		steps.Stale, steps.IsCancelled, steps.IsExpired, steps.UnknownStep, steps.DoneAlready, steps.Locked, steps.NotConfirmed,
	} {
		missing[fmt.Sprint("dropped applied ", reason)] = true
	}
	for _, reason := range []steps.Refusal{steps.Conflict, steps.UnknownActivation, steps.UnknownPlan} {
		missing[fmt.Sprint("told ", reason)] = true
	}
	for _, code := range []steps.Code{
		steps.CodeInvalid, steps.CodeTimeout, steps.CodeServer, steps.CodeForbidden, steps.CodeBlocked,
		steps.CodeNoDevice, steps.CodeRefused, steps.CodeNotFound,
	} {
		missing[fmt.Sprint("code ", code)] = true
	}
	return missing
}

// TestWalksReach walks until every outcome was met.
func TestWalksReach(t *testing.T) {
	missing := reaches()
	for seed := range controlWalks {
		w := newWalk(memstore.New(), "", seeded(seed))
		w.play(walkLength)
		require.Nil(t, w.diff)
		for _, a := range w.world.activations {
			history, err := w.engine.History(w.ctx, operator, a.id)
			require.NoError(t, err)
			for _, e := range history {
				delete(missing, fmt.Sprint(e.Kind, " ", e.Outcome, " ", e.Reason))
			}
		}
		for _, told := range w.told {
			delete(missing, fmt.Sprint("told ", told.verdict.Reason))
		}
		for code := range w.codes {
			delete(missing, fmt.Sprint("code ", code))
		}
		w.close()
		if len(missing) == 0 {
			t.Logf("after %d walks", seed+1)
			return
		}
	}
	require.Empty(t, missing)
}

package steps_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

// chained returns an activation with a history of n entries, with a salt.
func chained(n int) (steps.Activation, []steps.Entry) {
	a := steps.Activation{StepsID: 132324, Salt: steps.Salt{1, 2, 3}}
	entries := make([]steps.Entry, n)
	for i := range entries {
		e := &entries[i]
		*e = steps.Entry{
			Revision: uint32(i + 1), At: time.UnixMilli(int64(i)), Kind: steps.Failed, Outcome: steps.Applied,
			Payload: steps.Payload{Event: steps.EventID("sms", fmt.Sprint("e-", i)), Caller: "ann"},
		}
		e.Hash = e.Chain(a.Hash, a.StepsID, a.Salt)
		a.Revision, a.Hash = e.Revision, e.Hash
	}
	return a, entries
}

func TestVerifyHistory(t *testing.T) {
	for n := range 5 {
		a, entries := chained(n)
		require.NoError(t, steps.VerifyHistory(&a, entries), "%d entries", n)
	}
	for _, row := range []struct {
		name  string
		spoil func(a *steps.Activation, entries []steps.Entry) []steps.Entry
		want  string
	}{
		{"a public member of the first", func(_ *steps.Activation, entries []steps.Entry) []steps.Entry {
			entries[0].Reason = steps.Stale
			return entries
		}, "entry 1 is changed"},
		{"a payload in the middle", func(_ *steps.Activation, entries []steps.Entry) []steps.Entry {
			entries[2].Caller = "bob"
			return entries
		}, "entry 3 is changed"},
		{"the last, with its hash", func(a *steps.Activation, entries []steps.Entry) []steps.Entry {
			e := &entries[4]
			e.Caller = "bob"
			e.Hash = e.Chain(entries[3].Hash, a.StepsID, a.Salt)
			return entries
		}, "entry 5 is changed"},
		{"one in the middle, with its hash", func(a *steps.Activation, entries []steps.Entry) []steps.Entry {
			e := &entries[2]
			e.Caller = "bob"
			e.Hash = e.Chain(entries[1].Hash, a.StepsID, a.Salt)
			return entries
		}, "entry 4 is changed"},
		{"a payload erased on the quiet", func(a *steps.Activation, entries []steps.Entry) []steps.Entry {
			entries[2].Erase(a.Salt)
			return entries
		}, "entry 3 is changed"},
		{"a payload forged beside its digest", func(a *steps.Activation, entries []steps.Entry) []steps.Entry {
			entries[2].Erase(a.Salt)
			entries[2].Caller = "bob"
			return entries
		}, "entry 3 is changed"},
		{"no first", func(_ *steps.Activation, entries []steps.Entry) []steps.Entry { return entries[1:] }, "entry 1 is missing"},
		{"no middle", func(_ *steps.Activation, entries []steps.Entry) []steps.Entry {
			return slices.Delete(entries, 2, 3)
		}, "entry 3 is missing"},
		{"no last", func(_ *steps.Activation, entries []steps.Entry) []steps.Entry { return entries[:4] }, "entry 5 is missing"},
		{"none", func(*steps.Activation, []steps.Entry) []steps.Entry { return nil }, "entry 1 is missing"},
		{"two neighbours", func(_ *steps.Activation, entries []steps.Entry) []steps.Entry {
			entries[1], entries[2] = entries[2], entries[1]
			return entries
		}, "entry 2 is reordered"},
		{"backwards", func(_ *steps.Activation, entries []steps.Entry) []steps.Entry {
			slices.Reverse(entries)
			return entries
		}, "entry 1 is reordered"},
		{"one twice", func(_ *steps.Activation, entries []steps.Entry) []steps.Entry {
			return slices.Insert(entries, 2, entries[1])
		}, "entry 3 is reordered"},
		{"the last twice", func(_ *steps.Activation, entries []steps.Entry) []steps.Entry {
			return append(entries, entries[4])
		}, "entry 5 is reordered"},
		{"another activation", func(a *steps.Activation, entries []steps.Entry) []steps.Entry {
			a.StepsID++
			return entries
		}, "entry 1 is changed"},
		{"another salt", func(a *steps.Activation, entries []steps.Entry) []steps.Entry {
			a.Salt[0]++
			return entries
		}, "entry 1 is changed"},
		{"another head", func(a *steps.Activation, entries []steps.Entry) []steps.Entry {
			a.Hash[0]++
			return entries
		}, "entry 5 is changed"},
	} {
		a, entries := chained(5)
		err := steps.VerifyHistory(&a, row.spoil(&a, entries))
		var fault *steps.HistoryFault
		require.ErrorAs(t, err, &fault, row.name)
		require.EqualError(t, err, row.want, row.name)
	}
}

// TestVerifyErasedHistory: what an erasure leaves verifies without the salt, and
// a change to it is found all the same.
func TestVerifyErasedHistory(t *testing.T) {
	erased := func() (steps.Activation, []steps.Entry) {
		a, entries := chained(4)
		for i := range entries {
			entries[i].Erase(a.Salt)
		}
		a.Salt, a.State = steps.Salt{}, steps.StateErased
		last := steps.Entry{Revision: 5, Kind: steps.Erased, Outcome: steps.Applied, After: steps.StateErased}
		last.Hash = last.Chain(a.Hash, a.StepsID, a.Salt)
		a.Revision, a.Hash = last.Revision, last.Hash
		return a, append(entries, last)
	}
	a, entries := erased()
	require.NoError(t, steps.VerifyHistory(&a, entries))
	entries[2].Digest[0]++
	require.EqualError(t, steps.VerifyHistory(&a, entries), "entry 3 is changed")
	a, entries = erased()
	entries[1].Outcome = steps.Refused
	require.EqualError(t, steps.VerifyHistory(&a, entries), "entry 2 is changed")
	a, entries = erased()
	require.EqualError(t, steps.VerifyHistory(&a, slices.Delete(entries, 3, 4)), "entry 4 is missing")
}

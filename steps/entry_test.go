package steps_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

// told is an entry with every member set but the Digest.
func told() steps.Entry {
	return steps.Entry{
		Revision: 3, At: time.UnixMilli(1), Kind: steps.Completed, Outcome: steps.Held, Reason: steps.Locked,
		Before: "a", After: "b", Epoch: 1, Plan: 2, Of: 1, Until: time.UnixMilli(9),
		Payload: steps.Payload{
			Event: steps.EventID("sms", "e-1"), Steps: []string{"a", "b"}, Claimed: new(uint32(1)), Told: time.UnixMilli(1),
			Actor: "ann", Caller: "bob", Channel: "v1", Comment: "lost",
			Origin: steps.Origin{StepsID: 7, Event: steps.EventID("dealer", "d-1"), At: time.UnixMilli(5)},
		},
	}
}

// leaves visits every member that is no struct of its own.
func leaves(path string, v reflect.Value, visit func(path string, v reflect.Value)) {
	if v.Kind() != reflect.Struct || v.Type() == reflect.TypeFor[time.Time]() {
		visit(path, v)
		return
	}
	for i := range v.NumField() {
		leaves(path+"."+v.Type().Field(i).Name, v.Field(i), visit)
	}
}

// TestChainCoversEveryMember changes each member of an entry: each gives
// another hash. A member that is new is found by itself.
func TestChainCoversEveryMember(t *testing.T) {
	salt := steps.Salt{1}
	base := told()
	seen := map[steps.Hash]string{base.Chain(steps.Hash{}, 1, salt): "nothing"}
	differs := func(name string, e *steps.Entry) {
		hash := e.Chain(steps.Hash{}, 1, salt)
		require.NotContains(t, seen, hash, "%s and %s", name, seen[hash])
		seen[hash] = name
	}
	changed := told()
	var members int
	leaves("Entry", reflect.ValueOf(&changed).Elem(), func(path string, v reflect.Value) {
		before := reflect.ValueOf(v.Interface())
		switch value := v.Addr().Interface().(type) {
		case *time.Time:
			*value = value.Add(time.Millisecond)
		case *[]string:
			*value = []string{"a", "x"}
		case **uint32:
			*value = new(**value + 1)
		case *steps.Hash:
			if path == "Entry.Hash" {
				return // what is computed
			}
			*value = steps.Hash{1}
		default:
			if v.CanUint() {
				v.SetUint(v.Uint() + 1)
			} else {
				v.SetString(v.String() + "x")
			}
		}
		differs(path, &changed)
		v.Set(before)
		members++
	})
	require.Equal(t, told(), changed, "each was changed alone")
	require.Equal(t, 25, members, "members that the hash covers")

	for name, change := range map[string]func(*steps.Entry){
		"no Steps":             func(e *steps.Entry) { e.Steps = nil },
		"one step of two":      func(e *steps.Entry) { e.Steps = []string{"ab"} },
		"an empty step more":   func(e *steps.Entry) { e.Steps = []string{"a", "b", ""} },
		"no Claimed":           func(e *steps.Entry) { e.Claimed = nil },
		"Claimed 0":            func(e *steps.Entry) { e.Claimed = new(uint32) },
		"no Told":              func(e *steps.Entry) { e.Told = time.Time{} },
		"Told at the epoch":    func(e *steps.Entry) { e.Told = time.UnixMilli(0) },
		"no Until":             func(e *steps.Entry) { e.Until = time.Time{} },
		"Until at the epoch":   func(e *steps.Entry) { e.Until = time.UnixMilli(0) },
		"Actor before Caller":  func(e *steps.Entry) { e.Actor, e.Caller = "annb", "ob" },
		"Before and After":     func(e *steps.Entry) { e.Before, e.After = "ab", "" },
		"Of in place of Plan":  func(e *steps.Entry) { e.Of, e.Plan = e.Plan, e.Of },
		"Origin in its event":  func(e *steps.Entry) { e.Event, e.Origin.Event = e.Origin.Event, e.Event },
		"Outcome and its Kind": func(e *steps.Entry) { e.Kind, e.Outcome = steps.Kind(e.Outcome), steps.Outcome(e.Kind) },
	} {
		e := told()
		change(&e)
		if !reflect.DeepEqual(e, told()) {
			differs(name, &e)
		}
	}
	for name, hash := range map[string]steps.Hash{
		"the entry before": base.Chain(steps.Hash{1}, 1, salt),
		"the activation":   base.Chain(steps.Hash{}, 2, salt),
		"the salt":         base.Chain(steps.Hash{}, 1, steps.Salt{2}),
	} {
		require.NotContains(t, seen, hash, name)
		seen[hash] = name
	}
	hashed := told()
	hashed.Hash = steps.Hash{1}
	require.Equal(t, base.Chain(steps.Hash{}, 1, salt), hashed.Chain(steps.Hash{}, 1, salt), "the Hash is no part of itself")
}

// TestEraseKeepsTheHash: what is left verifies without the salt, and tells
// nothing of the payload.
func TestEraseKeepsTheHash(t *testing.T) {
	salt := steps.Salt{1}
	whole, erased := told(), told()
	want := whole.Chain(steps.Hash{9}, 1, salt)
	erased.Erase(salt)
	require.Zero(t, erased.Payload)
	require.NotZero(t, erased.Digest)
	require.Equal(t, want, erased.Chain(steps.Hash{9}, 1, steps.Salt{}))
	require.Equal(t, want, erased.Chain(steps.Hash{9}, 1, steps.Salt{3}), "the salt is not needed any more")

	public := told()
	public.Payload, public.Digest = steps.Payload{}, erased.Digest
	require.Equal(t, public, erased, "the other members stay")
	again := erased
	again.Erase(steps.Salt{2})
	require.Equal(t, erased, again, "once is enough")

	other := told()
	other.Erase(steps.Salt{2})
	require.NotEqual(t, erased.Digest, other.Digest, "the same payload cannot be recognised under another salt")
	require.NotEqual(t, want, other.Chain(steps.Hash{9}, 1, salt))
}

func TestVerdictOfAnEntry(t *testing.T) {
	e := told()
	want := steps.Verdict{
		Source: "sms", ID: "e-1", StepsID: 7, Outcome: steps.Held, Reason: steps.Locked, State: "b", Epoch: 1, Revision: 3,
		Until: time.UnixMilli(9),
	}
	require.Equal(t, want, e.Verdict(7))

	e.Reason, want.Reason = "", ""
	require.Equal(t, want, e.Verdict(7), "held, until when")
	e.Outcome, want.Outcome, e.Reason, want.Reason = steps.Refused, steps.Refused, steps.Locked, steps.Locked
	require.Equal(t, want, e.Verdict(7), "locked, until when")
	e.Outcome, want.Outcome, e.Reason, want.Reason, want.Until = steps.Applied, steps.Applied, "", "", time.Time{}
	require.Equal(t, want, e.Verdict(7), "how long a proof counts is no part of the verdict")
}

// TestTells: an event delivered again is the same, whatever time it bears; any
// other difference makes it another.
func TestTells(t *testing.T) {
	canonical := []string{"a", "b"}
	e := told()
	event := func() steps.Event {
		return steps.Event{
			Key: e.Event, Kind: e.Kind, StepsID: 1, Steps: []string{"alias", "b"}, Epoch: new(uint32(1)),
			Actor: "ann", Reason: "lost", Plan: 2,
		}
	}
	same := event()
	same.Time = time.UnixMilli(77)
	require.True(t, e.Tells(&same, canonical))
	require.False(t, e.Tells(&same, canonical[:1]), "Steps")
	for name, change := range map[string]func(ev *steps.Event){
		"Source":   func(ev *steps.Event) { ev.Key.Source += "x" },
		"ID":       func(ev *steps.Event) { ev.Key.ID += "x" },
		"Kind":     func(ev *steps.Event) { ev.Kind = steps.Failed },
		"Epoch":    func(ev *steps.Event) { *ev.Epoch = 2 },
		"no Epoch": func(ev *steps.Event) { ev.Epoch = nil },
		"Actor":    func(ev *steps.Event) { ev.Actor = "bob" },
		"Reason":   func(ev *steps.Event) { ev.Reason = "stolen" },
		"Plan":     func(ev *steps.Event) { ev.Plan = 3 },
	} {
		ev := event()
		change(&ev)
		require.False(t, e.Tells(&ev, canonical), name)
	}
	e.Claimed = nil
	require.False(t, e.Tells(&same, canonical))
	same.Epoch = nil
	require.True(t, e.Tells(&same, canonical))
}

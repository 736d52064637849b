package steps_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

func TestParseID(t *testing.T) {
	for text, want := range map[string]steps.ID{
		"1":                1,
		"132324":           132324,
		"9007199254740991": steps.MaxID,
	} {
		id, err := steps.ParseID(text)
		require.NoError(t, err, text)
		require.Equal(t, want, id)
		require.Equal(t, text, id.String())
	}
	for _, text := range []string{
		"0", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "01", "9007199254740992", "18446744073709551617",
		strings.Repeat("9", 10_000), "１", "1\x00", "\xff", "one",
	} {
		_, err := steps.ParseID(text)
		require.ErrorIs(t, err, steps.ErrInvalid, text)
	}
	_, err := steps.ParseID("")
	require.ErrorIs(t, err, steps.ErrMissing)
}

func TestNewIDStaysInBoundsAndNearInTime(t *testing.T) {
	at := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	lowest, highest := steps.NewID(at, 0), steps.NewID(at, ^uint64(0))
	require.EqualValues(t, 1<<12-1, highest-lowest)
	require.Equal(t, highest+1, steps.NewID(at.Add(time.Millisecond), 0))
	for _, at := range []time.Time{{}, at, at.AddDate(60, 0, 0), at.AddDate(200, 0, 0)} {
		for _, random := range []uint64{0, 1, ^uint64(0)} {
			id := steps.NewID(at, random)
			require.True(t, id >= 1 && id <= steps.MaxID, "%v: %d", at, id)
		}
	}
}

func TestPlanFaults(t *testing.T) {
	many := make([]steps.Step, steps.MaxSteps+1)
	for i := range many {
		many[i].Name = fmt.Sprint("s", i)
	}
	_, err := steps.NewPlan("service", many[:steps.MaxSteps]...)
	require.NoError(t, err)

	for fault, plan := range map[string]steps.Plan{
		"a service's name":  {Version: 1, Steps: many[:1]},
		"a version":         {Service: "s", Steps: many[:1]},
		"0 steps":           {Service: "s", Version: 1},
		"65 steps":          {Service: "s", Version: 1, Steps: many},
		"a name has":        {Service: "s", Version: 1, Steps: []steps.Step{{Name: "a b"}}},
		"1 to 64 letters":   {Service: "s", Version: 1, Steps: []steps.Step{{Name: strings.Repeat("x", 65)}}},
		"is reserved":       {Service: "s", Version: 1, Steps: []steps.Step{{Name: "activated"}}},
		`"a" stands twice`:  {Service: "s", Version: 1, Steps: []steps.Step{{Name: "a"}, {Name: "a"}}},
		`"b" stands twice`:  {Service: "s", Version: 1, Steps: []steps.Step{{Name: "a", Aliases: []string{"b"}}, {Name: "b"}}},
		"unknown scope 200": {Service: "s", Version: 1, Steps: []steps.Step{{Name: "a", Scope: 200}}},
	} {
		err := plan.Validate()
		require.ErrorIs(t, err, steps.ErrInvalid)
		require.ErrorContains(t, err, fault)
	}
}

func TestCatalogFindsVersions(t *testing.T) {
	first, err := steps.NewPlan("service", steps.Step{Name: "a"})
	require.NoError(t, err)
	second := first
	second.Version = 2
	c, err := steps.NewCatalog(second, first)
	require.NoError(t, err)
	latest, ok := c.Latest("service")
	require.True(t, ok)
	require.EqualValues(t, 2, latest.Version)
	_, ok = c.Plan("service", 1)
	require.True(t, ok)
	_, ok = c.Plan("service", 3)
	require.False(t, ok)
	_, err = steps.NewCatalog(first, first)
	require.ErrorContains(t, err, "stands twice")
}

func TestEventFaults(t *testing.T) {
	good := steps.Completion(steps.EventID("sms", "e-1"), 132324, steps.TrustedPhone)
	require.NoError(t, good.Validate())
	cancel := good
	cancel.Kind, cancel.Steps, cancel.Actor, cancel.Reason = steps.Cancelled, nil, "ann", "stolen"
	require.NoError(t, cancel.Validate())

	for _, row := range []struct {
		name  string
		spoil func(*steps.Event)
		want  error
	}{
		{"no id", func(e *steps.Event) { e.Key.ID = "" }, steps.Missing("id", "")},
		{"no source", func(e *steps.Event) { e.Key.Source = "" }, steps.Missing("source", "")},
		{"no kind", func(e *steps.Event) { e.Kind = 0 }, steps.Invalid("type", "")},
		{"a kind that is no event", func(e *steps.Event) { e.Kind = steps.Created }, steps.Invalid("type", "")},
		{"an unknown kind", func(e *steps.Event) { e.Kind = 99 }, steps.Invalid("type", "")},
		{"no subject", func(e *steps.Event) { e.StepsID = 0 }, steps.Missing("subject", "")},
		{"a subject out of bounds", func(e *steps.Event) { e.StepsID = steps.MaxID + 1 }, steps.Invalid("subject", "")},
		{"no step", func(e *steps.Event) { e.Steps = nil }, steps.Missing("step", "")},
		{"a step twice", func(e *steps.Event) { e.Steps = []string{"a", "a"} }, steps.Invalid("steps", "")},
		{"65 steps", func(e *steps.Event) { e.Steps = make([]string, 65) }, steps.Invalid("steps", "")},
		{"a long id", func(e *steps.Event) { e.Key.ID = strings.Repeat("x", 257) }, steps.Invalid("id", "")},
		{"a NUL", func(e *steps.Event) { e.Key.Source = "a\x00" }, steps.Invalid("source", "")},
		{"no UTF-8", func(e *steps.Event) { e.Actor = "\xff" }, steps.Invalid("actor", "")},
		{"a long reason", func(e *steps.Event) { e.Reason = strings.Repeat("x", 1025) }, steps.Invalid("reason", "")},
	} {
		ev := good
		row.spoil(&ev)
		var got *steps.Error
		require.True(t, errors.As(ev.Validate(), &got), row.name)
		got.Detail = ""
		require.Equal(t, row.want, got, row.name)
	}
	cancel.Reason = ""
	require.ErrorIs(t, cancel.Validate(), steps.ErrMissing)
	cancel.Actor = ""
	require.ErrorIs(t, cancel.Validate(), steps.ErrMissing)
}

func TestErrorsSayTheLabel(t *testing.T) {
	err := fmt.Errorf("outer: %w", steps.Invalid("stepsID", "a whole number"))
	require.ErrorIs(t, err, steps.ErrInvalid)
	require.NotErrorIs(t, err, steps.ErrMissing)
	require.EqualError(t, err, "outer: Invalid stepsID parameter: a whole number")
	require.True(t, slices.IsSorted(steps.Codes()))
	for _, code := range steps.Codes() {
		require.NotEmpty(t, code.Label())
	}
}

// TestChainCoversEveryMember changes each member of an entry: each gives
// another hash.
func TestChainCoversEveryMember(t *testing.T) {
	base := steps.Entry{Revision: 1, At: time.UnixMilli(1), Told: time.UnixMilli(1), Claimed: new(uint32(1)), Steps: []string{"a"}}
	seen := map[steps.Hash]string{base.Chain(steps.Hash{}, 1): "nothing"}
	for name, change := range map[string]func(*steps.Entry){
		"Revision": func(e *steps.Entry) { e.Revision++ },
		"At":       func(e *steps.Entry) { e.At = time.UnixMilli(2) },
		"Kind":     func(e *steps.Entry) { e.Kind++ },
		"Source":   func(e *steps.Entry) { e.Event.Source = "x" },
		"ID":       func(e *steps.Entry) { e.Event.ID = "x" },
		"Steps":    func(e *steps.Entry) { e.Steps = []string{"x"} },
		"no Steps": func(e *steps.Entry) { e.Steps = nil },
		"Claimed":  func(e *steps.Entry) { e.Claimed = new(uint32(2)) },
		"unsaid":   func(e *steps.Entry) { e.Claimed = nil },
		"Told":     func(e *steps.Entry) { e.Told = time.Time{} },
		"Told 0":   func(e *steps.Entry) { e.Told = time.UnixMilli(0) },
		"Actor":    func(e *steps.Entry) { e.Actor = "x" },
		"Caller":   func(e *steps.Entry) { e.Caller = "x" },
		"Channel":  func(e *steps.Entry) { e.Channel = "x" },
		"Comment":  func(e *steps.Entry) { e.Comment = "x" },
		"Outcome":  func(e *steps.Entry) { e.Outcome = steps.Held },
		"Reason":   func(e *steps.Entry) { e.Reason = "x" },
		"Before":   func(e *steps.Entry) { e.Before = "x" },
		"After":    func(e *steps.Entry) { e.After = "x" },
		"Epoch":    func(e *steps.Entry) { e.Epoch++ },
	} {
		changed := base
		change(&changed)
		hash := changed.Chain(steps.Hash{}, 1)
		require.NotContains(t, seen, hash, "%s and %s", name, seen[hash])
		seen[hash] = name
	}
	require.NotContains(t, seen, base.Chain(steps.Hash{1}, 1))
	require.NotContains(t, seen, base.Chain(steps.Hash{}, 2))
}

package steps_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

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

// TestKinds walks over every kind: its name and its type are its own.
func TestKinds(t *testing.T) {
	seen := make(map[string]steps.Kind)
	for kind := steps.Created; kind <= steps.Erased; kind++ {
		require.NotEmpty(t, kind.String())
		require.NotContains(t, seen, kind.String())
		seen[kind.String()] = kind
		if eventType := kind.EventType(); eventType != "" {
			require.Equal(t, kind, steps.KindOf(eventType))
			require.Regexp(t, `^stepgate\.(step|activation)\.[a-z]+\.v1$`, eventType)
		}
	}
	for _, kind := range []steps.Kind{0, steps.Erased + 1, 255} {
		require.Empty(t, kind.String())
		require.Empty(t, kind.EventType())
	}
	require.Zero(t, steps.KindOf(""))
	require.Zero(t, steps.KindOf("stepgate.step.completed.v2"))
}

// TestEventKinds gives each kind of event more and less than it needs.
func TestEventKinds(t *testing.T) {
	const one, all = 1, steps.MaxSteps
	for _, row := range []struct {
		kind        steps.Kind
		least, most int
		operator    bool
	}{
		{steps.Completed, one, all, false},
		{steps.Failed, one, all, false},
		{steps.Reset, 0, one, false},
		{steps.Cancelled, 0, 0, true},
		{steps.Overridden, one, one, true},
		{steps.Revoked, one, one, true},
		{steps.Unlocked, 0, one, true},
		{steps.Moved, 0, 0, true},
	} {
		t.Run(row.kind.String(), func(t *testing.T) {
			ev := steps.Event{Key: steps.EventID("ops", "e-1"), Kind: row.kind, StepsID: 1}
			if row.operator {
				ev.Actor, ev.Reason = "ann", "stolen"
			}
			if row.kind == steps.Moved {
				ev.Plan = 2
			}
			names := make([]string, steps.MaxSteps+1)
			for i := range names {
				names[i] = strings.Repeat("s", i+1)[:min(i+1, steps.MaxName)]
			}
			names[steps.MaxSteps] = "another"
			for n := range names {
				ev.Steps = names[:n]
				err := ev.Validate()
				switch {
				case n < row.least:
					require.Equal(t, "step", faultOf(t, err, steps.CodeMissing), "%d steps", n)
				case n > row.most:
					require.Equal(t, "steps", faultOf(t, err, steps.CodeInvalid), "%d steps", n)
				default:
					require.NoError(t, err, "%d steps", n)
				}
			}
			ev.Steps = names[:row.least]
			if row.operator {
				nobody, silent := ev, ev
				nobody.Actor, silent.Reason = "", ""
				require.Equal(t, "actor", faultOf(t, nobody.Validate(), steps.CodeMissing))
				require.Equal(t, "reason", faultOf(t, silent.Validate(), steps.CodeMissing))
			}
			other := ev
			if row.kind == steps.Moved {
				other.Plan = 0
				require.Equal(t, "plan", faultOf(t, other.Validate(), steps.CodeMissing))
			} else {
				other.Plan = 2
				require.Equal(t, "plan", faultOf(t, other.Validate(), steps.CodeInvalid))
			}
		})
	}
	for _, kind := range []steps.Kind{steps.Created, steps.Inherited, steps.Checked, steps.Absorbed, steps.Dropped, steps.Expired, steps.Erased} {
		ev := steps.Event{Key: steps.EventID("ops", "e-1"), Kind: kind, StepsID: 1, Actor: "ann", Reason: "stolen"}
		require.Equal(t, "type", faultOf(t, ev.Validate(), steps.CodeInvalid), "%s is no event", kind)
	}
}

// faultOf returns the parameter of an error, which must have the code.
func faultOf(t *testing.T, err error, code steps.Code) string {
	t.Helper()
	var fault *steps.Error
	require.True(t, errors.As(err, &fault), "%v", err)
	require.Equal(t, code, fault.Code, "%v", err)
	return fault.Parameter
}

package engine

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

var (
	gridTime     = time.UnixMilli(1_780_000_000_000).UTC()
	gridCaller   = &steps.Caller{User: "backend", Rights: steps.AllRights, Channel: "test"}
	gridReporter = &steps.Caller{User: "backend", Rights: steps.Report, Channel: "test"}
	gridOperator = &steps.Caller{User: "support", Rights: steps.Operate, Channel: "test"}
	gridDevice   = &steps.Caller{User: "u", Device: "d", Rights: steps.Ask, Channel: "test"}
)

// gridEpoch is the epoch of every activation in the grid.
const gridEpoch = 2

// gridWorld is an activation in the grid, and what is known besides.
type gridWorld struct {
	m        *machine
	a        *steps.Activation
	now      time.Time
	evidence map[steps.Subject]steps.Evidence
	tallies  map[steps.Subject]steps.Tally
	checks   Check // of every checker
}

// gridEvent is an event in the grid, and who tells it.
type gridEvent struct {
	steps.Event
	by *steps.Caller
}

func (ev *gridEvent) String() string {
	kind := ev.Kind.String()
	switch ev.Kind {
	case kindLook:
		kind = "asks for the list"
	case kindSettle:
		kind = "sweep"
	case steps.Moved:
		kind += fmt.Sprint(" to version ", ev.Plan)
	}
	return strings.TrimSpace(kind + " " + strings.Join(ev.Steps, "+"))
}

// inState returns an activation that came to a state by the rules alone. Checkers
// said no until the present epoch began, and say yes since.
func inState(t *testing.T, m *machine, state steps.State) *gridWorld {
	t.Helper()
	w := &gridWorld{
		m: m, now: gridTime, checks: Check{Proven: false},
		evidence: make(map[steps.Subject]steps.Evidence), tallies: make(map[steps.Subject]steps.Tally),
	}
	a := steps.Activation{
		StepsID: 42, Binding: steps.Binding{Association: "987654", User: "u", Device: "d"},
		Service: m.plan.Service, VIN: "VIN",
	}
	m.create(&a, gridCaller, w.facts(&a), gridTime)
	w.a = &a
	for range gridEpoch {
		w.play(t, steps.Event{Key: steps.EventID("grid", "reset"), Kind: steps.Reset})
	}
	w.checks.Proven = true
	switch state {
	case steps.StateCancelled:
		w.play(t, steps.Event{Kind: steps.Cancelled})
	case steps.StateExpired:
		w.now = w.a.Deadline
		w.play(t, steps.Event{Kind: kindSettle})
	default:
		for i := 0; w.a.State != state; i++ {
			w.play(t, steps.Event{Key: steps.EventID("sms", m.names[i]), Kind: steps.Completed, Steps: []string{m.names[i]}})
		}
	}
	require.Equal(t, state, w.a.State)
	return w
}

// facts is all that is known.
func (w *gridWorld) facts(a *steps.Activation) *facts {
	known := &facts{}
	for _, m := range w.m.versions {
		for i := range m.plan.Steps {
			s := m.plan.Subject(i, a)
			proven, counted := w.evidence[s], w.tallies[s]
			proven.Subject, counted.Subject = s, s
			known.evidence = append(known.evidence, proven)
			known.tallies = append(known.tallies, counted)
			known.checks = append(known.checks, checked{s, w.checks})
		}
	}
	return known
}

// unproven is the knowledge that nothing is known of any subject.
func unproven(plan *steps.Plan, a *steps.Activation) *facts {
	known := &facts{}
	for i := range plan.Steps {
		known.evidence = append(known.evidence, steps.Evidence{Subject: plan.Subject(i, a)})
		known.tallies = append(known.tallies, steps.Tally{Subject: plan.Subject(i, a)})
	}
	return known
}

// play makes an event part of what was.
func (w *gridWorld) play(t *testing.T, ev steps.Event) {
	t.Helper()
	d := w.m.decide(w.a, &past{}, &ev, gridCaller, w.facts(w.a), w.now)
	require.NoError(t, d.err)
	require.NotEqual(t, steps.Refused, d.verdict.Outcome)
	w.a = d.after
	for _, s := range d.withdrawn {
		delete(w.evidence, s)
	}
	for _, e := range d.proven {
		w.evidence[e.Subject] = e
	}
	for _, tally := range d.tallies {
		w.tallies[tally.Subject] = tally
	}
}

// become says what becomes of an event.
func (w *gridWorld) become(ev *gridEvent) string {
	var failed *steps.Error
	if ev.Kind.EventType() != "" {
		if err := admit(ev.by, &ev.Event); errors.As(err, &failed) {
			return fmt.Sprint("error ", int(failed.Code))
		}
	}
	d := w.m.decide(w.a, &past{}, &ev.Event, ev.by, w.facts(w.a), w.now)
	if errors.As(d.err, &failed) {
		return fmt.Sprint("error ", int(failed.Code))
	}
	var parts []string
	state := w.a.State
	for i := range d.entries {
		e := &d.entries[i]
		text := strings.TrimSpace(e.Kind.String() + " " + strings.Join(e.Steps, "+"))
		if e.Event == ev.Key && e.Kind == ev.Kind {
			text = e.Outcome.String()
			if e.Outcome == steps.Held {
				text += fmt.Sprint(" for ", e.Until.Sub(w.now))
			}
		}
		if e.Reason != "" {
			text += " " + string(e.Reason)
		}
		if e.Reason == steps.Locked && e.Outcome == steps.Refused {
			text += untilText(e.Until, w.now)
		}
		if e.After != state {
			text += " -> " + string(e.After)
		}
		state = e.After
		parts = append(parts, text)
	}
	if len(d.entries) == 0 {
		parts = append(parts, "nothing")
		if d.verdict.Outcome == steps.Refused {
			parts = []string{"refused " + string(d.verdict.Reason) + ", unrecorded"}
		}
	}
	if d.after != nil && d.after.Epoch != w.a.Epoch {
		parts = append(parts, fmt.Sprintf("epoch %+d", int(d.after.Epoch)-int(w.a.Epoch)))
	}
	return strings.Join(append(parts, effectTexts(&d.effects, w.now)...), "; ")
}

func untilText(until, now time.Time) string {
	if until.IsZero() {
		return " for good"
	}
	return fmt.Sprint(" for ", until.Sub(now))
}

// effectTexts says what changes besides the activation.
func effectTexts(x *effects, now time.Time) []string {
	var proven, withdrawn, counted []string
	for _, e := range x.proven {
		proven = append(proven, e.Subject.Step)
	}
	for _, s := range x.withdrawn {
		withdrawn = append(withdrawn, s.Step)
	}
	for _, tally := range x.tallies {
		text := fmt.Sprintf("%s (%d, %d ever)", tally.Subject.Step, len(tally.Failures), tally.Total)
		if tally.Locked(now) {
			text += " spent" + untilText(tally.Opens, now)
		}
		counted = append(counted, text)
	}
	var texts []string
	for _, effect := range []struct {
		what  string
		steps []string
	}{{"evidence of ", proven}, {"no evidence of ", withdrawn}, {"failures of ", counted}} {
		if len(effect.steps) > 0 {
			texts = append(texts, effect.what+strings.Join(effect.steps, "+"))
		}
	}
	return texts
}

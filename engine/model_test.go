package engine_test

import (
	"slices"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// model is the rules of contract section 3 written a second time, as plainly as
// can be and without looking at the engine: a list of what is done, and the
// first verdict of every event.
type model struct {
	plan      []string
	done      []bool
	cancelled bool
	epoch     uint32
	begun     time.Time // the epoch
	entries   int
	first     map[steps.EventKey]judged
	fault     string // a rule that this model has wrong; for the controls
}

// judged is an event with its verdict.
type judged struct {
	event   steps.Event
	verdict steps.Verdict
}

func newModel(plan []string) *model {
	return &model{plan: plan, done: make([]bool, len(plan)), entries: 1, first: make(map[steps.EventKey]judged)}
}

func (m *model) state() steps.State {
	if m.cancelled {
		return steps.StateCancelled
	}
	if next := slices.Index(m.done, false); next >= 0 {
		return steps.State(m.plan[next])
	}
	return steps.StateActivated
}

// judge returns what an event must come to.
func (m *model) judge(ev steps.Event, now time.Time) steps.Verdict {
	v := steps.Verdict{Source: ev.Key.Source, ID: ev.Key.ID, StepsID: ev.StepsID, Outcome: steps.Refused}
	if old, known := m.first[ev.Key]; known && m.fault != "forgets verdicts" {
		if same(old.event, ev) || m.fault == "takes another payload for the same" {
			v = old.verdict
			v.Duplicate = true
			return v
		}
		v.Reason = steps.Conflict
		return v
	}
	v.Reason = m.refusal(ev)
	if v.Reason == "" {
		v.Outcome = steps.Applied
		m.apply(ev, now)
	}
	if v.Reason == "" || m.fault != "forgets refusals" {
		m.entries++
		v.State, v.Epoch, v.Revision = m.state(), m.epoch, uint32(m.entries)
		m.first[ev.Key] = judged{ev, v}
	}
	return v
}

func same(a, b steps.Event) bool {
	claim := func(e steps.Event) int64 {
		if e.Epoch == nil {
			return -1
		}
		return int64(*e.Epoch)
	}
	return a.Kind == b.Kind && slices.Equal(a.Steps, b.Steps) && claim(a) == claim(b) && a.Actor == b.Actor && a.Reason == b.Reason
}

func (m *model) refusal(ev steps.Event) steps.Refusal {
	if m.fault != "skips the epoch check" {
		if ev.Epoch != nil && *ev.Epoch < m.epoch {
			return steps.Stale
		}
		if ev.Epoch != nil && *ev.Epoch > m.epoch {
			return steps.EpochAhead
		}
	}
	if ev.Epoch == nil && !ev.Time.IsZero() && m.epoch > 0 && ev.Time.Before(m.begun) && m.fault != "skips the time check" {
		return steps.Stale
	}
	if ev.Kind == steps.Reset {
		return ""
	}
	if m.cancelled && m.fault != "goes on when cancelled" {
		return steps.IsCancelled
	}
	if ev.Kind == steps.Cancelled {
		return ""
	}
	places := make([]int, len(ev.Steps))
	for i, name := range ev.Steps {
		if places[i] = slices.Index(m.plan, name); places[i] < 0 {
			return steps.UnknownStep
		}
		if i > 0 && places[i] != places[i-1]+1 && ev.Kind == steps.Completed {
			return steps.OutOfOrder
		}
		if ev.Kind == steps.Completed && slices.Contains(m.done[:places[i]], false) && !m.covers(places[:i], places[i]) {
			return steps.OutOfOrder
		}
	}
	if ev.Kind == steps.Completed && m.done[places[len(places)-1]] && m.fault != "completes a step twice" {
		return steps.DoneAlready
	}
	return ""
}

// covers reports whether every step before place is done, or completed by the
// same event before it.
func (m *model) covers(earlier []int, place int) bool {
	if m.fault == "takes steps out of order" {
		return true
	}
	for p := range place {
		if !m.done[p] && !slices.Contains(earlier, p) {
			return false
		}
	}
	return true
}

func (m *model) apply(ev steps.Event, now time.Time) {
	switch ev.Kind {
	case steps.Completed:
		for _, name := range ev.Steps {
			m.done[slices.Index(m.plan, name)] = true
			if m.fault == "completes half of a combination" {
				return
			}
		}
	case steps.Failed:
		if m.fault == "a failure undoes a step" {
			m.done[slices.Index(m.plan, ev.Steps[0])] = false
		}
	case steps.Reset:
		m.cancelled = m.cancelled && m.fault == "a reset leaves it cancelled"
		if m.fault != "a reset keeps what is done" {
			m.done = make([]bool, len(m.plan))
		}
		if m.fault != "a reset keeps the epoch" {
			m.epoch++
		}
		m.begun = now
	case steps.Cancelled:
		m.cancelled = true
	}
}

// modelFaults are the rules that a control gets wrong, one at a time.
var modelFaults = []string{
	"forgets verdicts", "takes another payload for the same", "forgets refusals",
	"skips the epoch check", "skips the time check", "goes on when cancelled",
	"completes a step twice", "takes steps out of order", "completes half of a combination",
	"a failure undoes a step", "a reset leaves it cancelled", "a reset keeps what is done", "a reset keeps the epoch",
}

package engine

import (
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// facts are what the rules may need to know besides the activation. They are
// found out when they are needed: a rule that meets an unknown one notes it as
// needed, and the event is judged again when it is known.
type facts struct {
	evidence []steps.Evidence // each with its Subject, also where nothing is known of it
	tallies  []steps.Tally    // likewise
	checks   []checked

	carried bool // the event is a revocation that another activation carried here
}

// forget forgets what may have changed since it was read. What a checker said
// of the world stays.
func (f *facts) forget() { f.evidence, f.tallies = nil, nil }

// checked is what a checker says of a subject.
type checked struct {
	subject steps.Subject
	Check
}

// needs are the facts that a decision lacks.
type needs struct {
	evidence, tallies []steps.Subject
	checks            []question
}

// question is what a checker is to be asked.
type question struct {
	checker string
	subject steps.Subject
}

func (n *needs) any() bool { return len(n.evidence)+len(n.tallies)+len(n.checks) > 0 }

// findCheck returns what a checker says of a subject, or nil.
func (f *facts) findCheck(subject *steps.Subject) *Check {
	for i := range f.checks {
		if f.checks[i].subject == *subject {
			return &f.checks[i].Check
		}
	}
	return nil
}

// fail counts a failure at a time, and spends the budget where it was the last
// that it allows.
func fail(t *steps.Tally, b steps.Budget, now time.Time) {
	t.Total++
	t.Spent = t.Spent || b.Lifetime > 0 && t.Total >= b.Lifetime
	if b.Tries == 0 || now.Before(t.Opens) {
		return
	}
	counting := make([]time.Time, 0, b.Tries)
	for _, at := range t.Failures {
		if now.Before(at.Add(b.Window)) {
			counting = append(counting, at)
		}
	}
	t.Failures = append(counting, now)
	if len(t.Failures) >= b.Tries {
		t.Failures, t.Opens = nil, store.Millis(now.Add(b.Lockout))
	}
}

package engine

import (
	"slices"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// apply moves an activation on as an entry of its history says, and returns
// the machine that it follows from then on. Nothing else changes an activation:
// it is applied when an entry is made, and again when a history is replayed.
// The entry's After, Epoch and Hash are not read.
func (m *machine) apply(a *steps.Activation, e *steps.Entry) *machine {
	before, proofs, deadline := a.State, a.Proofs, a.Deadline
	switch e.Outcome {
	case steps.Applied:
		m = m.act(a, e)
	case steps.Held:
		a.Held = append(slices.Clip(a.Held), steps.HeldCompletion{Revision: e.Revision, Steps: e.Steps, Until: e.Until})
	}
	if a.State != before {
		a.Since = e.At
		if e.Kind == steps.Expired {
			a.Since = deadline
			if step := m.index[a.State]; step < len(proofs) {
				a.Since = proofs[step].Until
			}
		}
	}
	if a.State == steps.StateActivated {
		a.Deadline = time.Time{}
	}
	a.Revision = e.Revision
	return m
}

// act applies an entry that changes something.
func (m *machine) act(a *steps.Activation, e *steps.Entry) *machine {
	switch e.Kind {
	case steps.Created:
		a.Created, a.Plan = e.At, e.Plan
		m.begin(a, e.At)
	case steps.Completed, steps.Absorbed, steps.Overridden, steps.Checked:
		a.Held = without(a.Held, e.Of)
		m.prove(a, e, e.At)
	case steps.Inherited:
		m.prove(a, e, e.Origin.At)
	case steps.Revoked:
		m.lose(a, e.Steps, steps.Proof{At: e.At, Revision: e.Revision, Revoked: true})
	case steps.Expired:
		if len(e.Steps) == 0 {
			a.State = m.move(a.State, m.expire())
		}
		m.lose(a, e.Steps, steps.Proof{})
	case steps.Reset:
		a.Epoch++
		if len(e.Steps) == 0 {
			m.begin(a, e.At)
		} else {
			m.lose(a, e.Steps, steps.Proof{})
			a.EpochAt = e.At
		}
	case steps.Cancelled:
		a.State = m.move(a.State, m.cancel())
	case steps.Dropped:
		a.Held = without(a.Held, e.Of)
	case steps.Moved:
		m = m.moved(a, e.Plan, e.At)
	case steps.Erased:
		*a = steps.Activation{
			StepsID: a.StepsID, Service: a.Service, Plan: a.Plan, Created: a.Created,
			State: steps.StateErased, Epoch: a.Epoch, EpochAt: a.EpochAt, Hash: a.Hash,
		}
	}
	return m
}

// begin puts an activation at the beginning of an epoch.
func (m *machine) begin(a *steps.Activation, at time.Time) {
	a.State = m.states[0]
	if a.Revision > 0 {
		a.State = m.move(a.State, m.reset())
	}
	a.EpochAt = at
	a.Deadline = after(at, m.plan.Deadline)
	a.Proofs = make([]steps.Proof, len(m.plan.Steps))
}

// prove sets the proofs of an entry's steps that are not done, and moves on
// along the table.
func (m *machine) prove(a *steps.Activation, e *steps.Entry, at time.Time) {
	a.Proofs = slices.Clone(a.Proofs)
	for _, name := range e.Steps {
		step := m.plan.Index(name)
		if a.Proofs[step].Done() {
			continue
		}
		until := earlier(after(at, m.plan.Steps[step].TTL), e.Until)
		a.Proofs[step] = steps.Proof{At: at, Until: until, Revision: e.Revision}
	}
	m.advance(a)
}

// advance moves an activation past the steps that are done.
func (m *machine) advance(a *steps.Activation) {
	for {
		step := m.index[a.State]
		if step >= len(a.Proofs) || !a.Proofs[step].Done() {
			return
		}
		a.State = m.move(a.State, m.completed(step))
	}
}

// lose puts something that is no proof in the place of steps' proofs, and moves
// back along the table.
func (m *machine) lose(a *steps.Activation, names []string, instead steps.Proof) {
	a.Proofs = slices.Clone(a.Proofs)
	for _, name := range names {
		step := m.plan.Index(name)
		a.Proofs[step] = instead
		a.State = m.move(a.State, m.revoked(step))
	}
}

// moved makes an activation follow another version of its plan: what is proven
// stays so, under the names and aliases of the new version, and the deadline
// begins again.
func (m *machine) moved(a *steps.Activation, version uint32, at time.Time) *machine {
	to := m.versions[version]
	proofs := make([]steps.Proof, len(to.plan.Steps))
	for i, proof := range a.Proofs {
		if step := to.plan.Index(m.names[i]); step >= 0 && !lapsed(proof.Until, at) {
			proofs[step] = proof
		}
	}
	a.Plan, a.Proofs, a.Held = version, proofs, slices.Clone(a.Held)
	for i := range a.Held {
		a.Held[i].Steps = to.canonical(a.Held[i].Steps)
	}
	if a.State == steps.StateCancelled {
		return to
	}
	a.State = to.states[0]
	a.Deadline = after(at, to.plan.Deadline)
	to.advance(a)
	return to
}

// without returns the held completions but for the one of a revision.
func without(held []steps.HeldCompletion, revision uint32) []steps.HeldCompletion {
	i := slices.IndexFunc(held, func(h steps.HeldCompletion) bool { return h.Revision == revision })
	switch {
	case i < 0:
		return held
	case len(held) == 1:
		return nil
	}
	return slices.Delete(slices.Clone(held), i, i+1)
}

// after returns the end of a span; without a span there is none.
func after(at time.Time, span time.Duration) time.Time {
	if span == 0 {
		return time.Time{}
	}
	return store.Millis(at.Add(span))
}

// earlier returns the earlier of two ends, of which either may be none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

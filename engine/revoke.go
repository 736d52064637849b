package engine

import (
	"context"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// spread carries a revocation that was applied to the other activations of its
// subject. Where that fails so does the op: the event is sent again, and those
// that were reached answer as duplicates.
func (e *Engine) spread(ctx context.Context, o *op) {
	if o.err != nil || o.event.Kind != steps.Revoked || o.verdict.Outcome != steps.Applied {
		return
	}
	if err := e.revokeSiblings(ctx, o); err != nil {
		o.fail(err)
	}
}

func (e *Engine) revokeSiblings(ctx context.Context, o *op) error {
	revoked, err := e.load(ctx, o.event.StepsID)
	if err != nil {
		return err
	}
	m, err := e.machineOf(revoked)
	if err != nil {
		return err
	}
	i := m.plan.Index(o.event.Steps[0])
	if i < 0 || m.plan.Steps[i].Scope == steps.ScopeActivation {
		return nil
	}
	var since time.Time
	if o.verdict.Duplicate { // what was proven behind it stays
		if since, err = e.judgedAt(ctx, &o.verdict); err != nil {
			return err
		}
	}
	subject := m.plan.Subject(i, revoked)
	siblings, err := e.proven(ctx, subject, since, revoked.StepsID)
	if err != nil {
		return err
	}
	return e.revokeIn(ctx, siblings, o, subject.Step)
}

// revokeIn has the event of a revocation judged in other activations.
func (e *Engine) revokeIn(ctx context.Context, siblings []steps.ID, o *op, step string) error {
	ops := make([]*op, len(siblings))
	for n, id := range siblings {
		ev := *o.event
		ev.StepsID, ev.Steps = id, []string{step}
		ev.Epoch, ev.Time = nil, time.Time{} // the epoch is none of theirs
		ops[n] = &op{event: &ev, caller: o.caller, facts: facts{carried: true}}
	}
	e.judge(ctx, ops)
	for _, sibling := range ops {
		switch {
		case sibling.err != nil:
			return sibling.err
		case sibling.verdict.Reason == steps.Conflict:
			return steps.Invalid("id", "another activation of the subject has judged another event of this id: revoke under a new one")
		}
	}
	return nil
}

// judgedAt returns when the event of a verdict was judged.
func (e *Engine) judgedAt(ctx context.Context, v *steps.Verdict) (time.Time, error) {
	found, err := e.store.History(ctx, []steps.ID{v.StepsID})
	if err != nil {
		return time.Time{}, failure(err)
	}
	if len(found[0]) < int(v.Revision) {
		return time.Time{}, steps.ErrNotFound
	}
	return found[0][v.Revision-1].At, nil
}

// proven returns the activations, but for one, in which a step is done for a
// subject, and was proven by a time where one is given.
func (e *Engine) proven(ctx context.Context, subject steps.Subject, by time.Time, but steps.ID) ([]steps.ID, error) {
	var ids []steps.ID
	q := store.Query{User: subject.User, Limit: store.MaxLimit}
	for {
		page, err := e.store.List(ctx, q)
		if err != nil {
			return nil, failure(err)
		}
		for i := range page {
			a := &page[i]
			proof := e.proofOf(a, subject)
			if a.StepsID != but && proof.Done() && (by.IsZero() || !proof.At.After(by)) {
				ids = append(ids, a.StepsID)
			}
		}
		if len(page) < q.Limit {
			return ids, nil
		}
		q.After = page[len(page)-1].StepsID
	}
}

// proofOf returns the proof of a subject's step in an activation.
func (e *Engine) proofOf(a *steps.Activation, subject steps.Subject) steps.Proof {
	m := e.machines[planKey{a.Service, a.Plan}]
	if m == nil || len(a.Proofs) != len(m.plan.Steps) {
		return steps.Proof{}
	}
	i := m.plan.Index(subject.Step)
	if i < 0 || m.plan.Subject(i, a) != subject {
		return steps.Proof{}
	}
	return a.Proofs[i]
}

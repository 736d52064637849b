package engine

import (
	"slices"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// draft is an activation on its way to its next revisions, entry by entry.
type draft struct {
	m     *machine
	a     *steps.Activation
	past  *past
	by    *steps.Caller
	now   time.Time
	facts *facts

	entries []steps.Entry
	effects
	needs needs
}

// record puts an entry behind the history, and moves the activation on as it
// says.
func (d *draft) record(e steps.Entry) {
	e.Revision = d.a.Revision + 1
	e.At = d.now
	e.Before = d.a.State
	e.Caller, e.Channel = d.by.User, d.by.Channel
	if e.Outcome == 0 {
		e.Outcome = steps.Applied
	}
	d.m = d.m.apply(d.a, &e)
	e.After, e.Epoch = d.a.State, d.a.Epoch
	e.Hash = e.Chain(d.a.Hash, d.a.StepsID, d.a.Salt)
	d.a.Hash = e.Hash
	d.entries = append(d.entries, e)
}

// over reports whether the activation can only be reset.
func (d *draft) over() bool {
	return d.a.State == steps.StateCancelled || d.a.State == steps.StateExpired
}

// full reports whether the history takes nothing more of the outside.
func (d *draft) full() bool { return d.a.Revision >= MaxEntries && !d.by.May(steps.Operate) }

// settle records what fell due without an event.
func (d *draft) settle() {
	due := d.a.Due()
	if due.IsZero() || d.now.Before(due) {
		return
	}
	if lapsed(d.a.Deadline, d.now) {
		d.record(steps.Entry{Kind: steps.Expired})
		d.dropAll(steps.IsExpired)
		return
	}
	var names []string
	for i := range d.a.Proofs {
		if lapsed(d.a.Proofs[i].Until, d.now) {
			names = append(names, d.m.names[i])
		}
	}
	if len(names) > 0 {
		d.record(steps.Entry{Kind: steps.Expired, Payload: steps.Payload{Steps: names}})
	}
	for _, h := range d.a.Held {
		if lapsed(h.Until, d.now) {
			d.drop(&h, steps.IsExpired)
		}
	}
}

func lapsed(until, now time.Time) bool { return !until.IsZero() && !now.Before(until) }

// dropAll gives up every completion that waits.
func (d *draft) dropAll(why steps.Refusal) {
	for _, h := range d.a.Held {
		d.drop(&h, why)
	}
}

func (d *draft) drop(h *steps.HeldCompletion, why steps.Refusal) {
	d.record(steps.Entry{Kind: steps.Dropped, Of: h.Revision, Reason: why, Payload: steps.Payload{Steps: h.Steps}})
}

// inherit takes over what is proven through other activations for the steps
// that are not done here, and what was held for their turn.
func (d *draft) inherit() {
	if d.over() || d.full() {
		return
	}
	for i := range d.m.plan.Steps {
		if d.a.Proofs[i].Done() {
			continue
		}
		e := d.evidence(i)
		until := earlier(after(e.At, d.m.plan.Steps[i].TTL), e.Until)
		if e.StepsID == 0 || lapsed(until, d.now) {
			continue
		}
		d.rests.Evidence = append(d.rests.Evidence, *e)
		d.record(steps.Entry{
			Kind: steps.Inherited, Until: until,
			Payload: steps.Payload{Steps: d.m.names[i : i+1 : i+1], Origin: e.Origin},
		})
	}
	d.absorb()
}

// absorb completes steps whose completion was held until their turn came.
func (d *draft) absorb() {
	for i := 0; i < len(d.a.Held); {
		h := d.a.Held[i]
		switch first := d.m.firstTodo(d.a, h.Steps); {
		case first < 0:
			d.drop(&h, steps.DoneAlready)
		case d.a.State != d.m.states[first]:
			i++
			continue
		case d.locked(h.Steps) != nil:
			d.drop(&h, steps.Locked)
		default:
			until, confirmed := d.confirm(h.Steps)
			if !confirmed {
				d.drop(&h, steps.NotConfirmed)
				break
			}
			d.prove(h.Steps, d.past.key(h.Revision), until)
			d.record(steps.Entry{Kind: steps.Absorbed, Of: h.Revision, Until: until, Payload: steps.Payload{Steps: h.Steps}})
		}
		i = 0
	}
}

// prove notes the evidence that steps are proven by an event, where it counts
// elsewhere: of those that are not done yet. It counts no longer than until.
func (d *draft) prove(names []string, by steps.EventKey, until time.Time) {
	for _, name := range names {
		i := d.m.plan.Index(name)
		if d.a.Proofs[i].Done() || d.m.plan.Steps[i].Scope == steps.ScopeActivation {
			continue
		}
		d.effects.prove(steps.Evidence{
			Subject: d.m.plan.Subject(i, d.a),
			Until:   earlier(after(d.now, d.m.plan.Steps[i].TTL), until),
			Origin:  steps.Origin{StepsID: d.a.StepsID, Event: by, At: d.now},
		})
	}
}

// unprove notes that the i-th step is not proven for its subject any more.
func (d *draft) unprove(i int) {
	if d.m.plan.Steps[i].Scope != steps.ScopeActivation {
		d.effects.withdraw(d.m.plan.Subject(i, d.a))
	}
}

// evidence returns what is proven for the subject of the i-th step.
func (d *draft) evidence(i int) *steps.Evidence {
	if d.m.plan.Steps[i].Scope == steps.ScopeActivation {
		return &steps.Evidence{}
	}
	subject := d.m.plan.Subject(i, d.a)
	if slices.Contains(d.withdrawn, subject) {
		return &steps.Evidence{}
	}
	if e := findEvidence(d.facts.evidence, &subject); e != nil {
		return e
	}
	d.needs.evidence = append(d.needs.evidence, subject)
	return &steps.Evidence{}
}

// tally returns what is counted for the subject of the i-th step.
func (d *draft) tally(i int) steps.Tally {
	subject := d.m.plan.Subject(i, d.a)
	if t := findTally(d.facts.tallies, &subject); t != nil {
		return *t
	}
	d.needs.tallies = append(d.needs.tallies, subject)
	return steps.Tally{Subject: subject}
}

// count replaces a tally by its successor.
func (d *draft) count(before, now steps.Tally) {
	now.Revision++
	d.rests.Tallies = append(d.rests.Tallies, before)
	d.tallies = append(d.tallies, now)
}

// check returns whether the checker of the i-th step says that it is proven,
// and until when.
func (d *draft) check(i int) (until time.Time, proven bool) {
	subject := d.m.plan.Subject(i, d.a)
	if c := d.facts.findCheck(&subject); c != nil {
		return c.Until, c.Proven && !lapsed(c.Until, d.now)
	}
	d.needs.checks = append(d.needs.checks, question{d.m.plan.Steps[i].Checker, subject})
	return time.Time{}, false
}

// locked returns the tally of a step, among those of names that are not done,
// whose budget is spent, or nil. The decision rests on what it looked at.
func (d *draft) locked(names []string) *steps.Tally {
	for _, name := range names {
		i := d.m.plan.Index(name)
		if d.a.Proofs[i].Done() || !d.m.plan.Steps[i].Budget.Counts() {
			continue
		}
		t := d.tally(i)
		if t.Locked(d.now) {
			return &t
		}
		d.rests.Tallies = append(d.rests.Tallies, t)
	}
	return nil
}

package wire

import (
	"slices"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// The members of an activation that most do not have.
const (
	hasDeadline = 1 << iota // a time since the epoch began
	hasUntils               // of its proofs, each since it was proven
	hasHeld
)

func activationMask(a *steps.Activation) byte {
	ends := func(p steps.Proof) bool { return !p.Until.IsZero() }
	return bit(hasDeadline, !a.Deadline.IsZero()) |
		bit(hasUntils, slices.ContainsFunc(a.Proofs, ends)) |
		bit(hasHeld, len(a.Held) > 0)
}

// appendChangeShape appends what many changes have in common, so that it lies
// together, and shrinks to little where values are compressed together.
func appendChangeShape(b []byte, c *store.Change) []byte {
	a := &c.Activation
	origin := origin(a.StepsID)
	b = appendTime(b, a.EpochAt, origin)
	if c.From == 0 {
		b = appendTime(b, a.Created, origin)
		b = appendText(b, a.Service)
	}
	mask := activationMask(a)
	b = append(b, mask)
	b = appendNumber(b, uint64(a.Plan))
	for i := range c.Entries {
		b = appendShape(b, &c.Entries[i])
	}
	b = appendText(b, string(a.State))
	b = appendTime(b, a.Since, c.Entries[len(c.Entries)-1].At.UnixMilli())
	b = appendNumber(b, uint64(a.Epoch))
	if mask&hasDeadline != 0 {
		b = appendTime(b, a.Deadline, a.EpochAt.UnixMilli())
	}
	if mask&hasHeld != 0 {
		b = appendHeld(b, a.Held)
	}
	b = appendNumber(b, uint64(len(a.Proofs)))
	for i := range a.Proofs {
		b = appendNumber(b, uint64(a.Proofs[i].Revision)<<1|uint64(bit(1, a.Proofs[i].Revoked)))
	}
	for i := range a.Proofs {
		if from, alike := proofOrigin(c, &a.Proofs[i]); alike {
			b = appendTime(b, a.Proofs[i].At, from)
		}
	}
	return b
}

// appendChangeData appends what each change has for itself.
func appendChangeData(b []byte, c *store.Change) []byte {
	a := &c.Activation
	if c.From == 0 {
		for _, text := range [...]string{a.Association, a.User, a.Device, a.VIN} {
			b = appendText(b, text)
		}
		b = append(b, a.Salt[:]...)
	}
	for i := range c.Entries {
		b = appendData(b, &c.Entries[i])
	}
	for i := range a.Proofs {
		if from, alike := proofOrigin(c, &a.Proofs[i]); !alike {
			b = appendTime(b, a.Proofs[i].At, from)
		}
	}
	if activationMask(a)&hasUntils != 0 {
		for i := range a.Proofs {
			b = appendTime(b, a.Proofs[i].Until, a.Proofs[i].At.UnixMilli())
		}
	}
	for i := range a.Held {
		b = appendTime(b, a.Held[i].Until, origin(a.StepsID))
	}
	return b
}

// proofOrigin returns what the time of a proof is counted from: the entry of this
// change that it is of, or else the origin. Alike says that the time is part of
// the shape: there is none, or it is most likely the entry's.
func proofOrigin(c *store.Change, p *steps.Proof) (from int64, alike bool) {
	i := int64(p.Revision) - int64(c.From) - 1
	if i < 0 || i >= int64(len(c.Entries)) {
		return origin(c.Activation.StepsID), p.Revision == 0
	}
	return c.Entries[i].At.UnixMilli(), true
}

// appendHeld appends all of the completions that wait but their times.
func appendHeld(b []byte, held []steps.HeldCompletion) []byte {
	b = appendNumber(b, uint64(len(held)))
	for i := range held {
		b = appendNumber(b, uint64(held[i].Revision))
		b = appendTexts(b, held[i].Steps)
	}
	return b
}

// masks are what tells which members follow.
type masks struct {
	activation byte
	entries    []byte
}

// changeShape reads what appendChangeShape appends. The times of the entries are
// known.
func (r *reader) changeShape(c *store.Change) (m masks) {
	a := &c.Activation
	origin := origin(a.StepsID)
	a.EpochAt = r.time(origin)
	if c.From == 0 {
		a.Created = r.time(origin)
		a.Service = r.text()
	}
	m.activation = r.byte()
	a.Plan = r.uint32()
	m.entries = make([]byte, len(c.Entries))
	for i := range c.Entries {
		m.entries[i] = r.shape(&c.Entries[i])
	}
	a.State = steps.State(r.text())
	a.Since = r.time(c.Entries[len(c.Entries)-1].At.UnixMilli())
	a.Epoch = r.uint32()
	if m.activation&hasDeadline != 0 {
		a.Deadline = r.time(a.EpochAt.UnixMilli())
	}
	if m.activation&hasHeld != 0 {
		a.Held = r.held()
	}
	a.Proofs = r.proofs()
	for i := range a.Proofs {
		if from, alike := proofOrigin(c, &a.Proofs[i]); alike {
			a.Proofs[i].At = r.time(from)
		}
	}
	return m
}

// changeData reads what appendChangeData appends.
func (r *reader) changeData(c *store.Change, m masks) {
	a := &c.Activation
	if c.From == 0 {
		a.Association, a.User, a.Device, a.VIN = r.text(), r.text(), r.text(), r.text()
		a.Salt = steps.Salt(r.hash())
	}
	for i := range c.Entries {
		r.data(&c.Entries[i], m.entries[i])
	}
	for i := range a.Proofs {
		if from, alike := proofOrigin(c, &a.Proofs[i]); !alike {
			a.Proofs[i].At = r.time(from)
		}
	}
	if m.activation&hasUntils != 0 {
		for i := range a.Proofs {
			a.Proofs[i].Until = r.time(a.Proofs[i].At.UnixMilli())
		}
	}
	for i := range a.Held {
		a.Held[i].Until = r.time(origin(a.StepsID))
	}
}

// proofs reads all of the proofs but their times.
func (r *reader) proofs() []steps.Proof {
	n := r.count()
	if n == 0 {
		return nil
	}
	proofs := make([]steps.Proof, n)
	for i := range proofs {
		n := r.number()
		proofs[i].Revision, proofs[i].Revoked = r.narrow(n>>1), n&1 != 0
	}
	return proofs
}

// held reads what appendHeld appends.
func (r *reader) held() []steps.HeldCompletion {
	held := make([]steps.HeldCompletion, r.count())
	for i := range held {
		held[i].Revision, held[i].Steps = r.uint32(), r.texts()
	}
	return held
}

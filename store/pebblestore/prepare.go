package pebblestore

import (
	"encoding/binary"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/wire"
)

// prepared is a change in the form in which it is written.
type prepared struct {
	move
	transition
	change  record
	binding record // of a change that creates an activation
	effects []effect
	guards  []guard
	err     error // why it cannot be written
}

// record is a key with its value.
type record struct{ key, value []byte }

// effect is what a change does to what is known of a subject.
type effect struct {
	key   subjectKey
	value []byte // nil: it is forgotten
	after known
}

// guard is what must be known of a subject for a change to hold.
type guard struct {
	key     subjectKey
	subject steps.Subject
	want    known
}

// usualChange is how many bytes a change takes, its keys and what is known with
// it included.
const usualChange = 512

// prepare encodes changes, in the goroutine of the caller.
func prepare(changes []store.Change) *request {
	r := requests.Get().(*request)
	r.changes = slices.Grow(r.changes[:0], len(changes))[:len(changes)]
	r.results = make([]error, len(changes))
	r.buf = slices.Grow(r.buf[:0], usualChange*len(changes))
	r.effects, r.guards = r.effects[:0], r.guards[:0]
	var keys subjectKeys
	for i := range changes {
		r.encode(&r.changes[i], &changes[i], &keys)
	}
	return r
}

// encode encodes a change behind what is encoded already.
func (r *request) encode(p *prepared, c *store.Change, keys *subjectKeys) {
	a := &c.Activation
	p.move = move{id: a.StepsID, from: c.From, to: a.Revision}
	if r.buf, p.change, p.err = appendChange(r.buf, c); p.err != nil {
		return
	}
	p.transition = transitionOf(c)
	if c.From == 0 {
		start := len(r.buf)
		r.buf = appendBindingKey(r.buf, &a.Binding)
		r.buf = binary.BigEndian.AppendUint64(r.buf, uint64(a.StepsID))
		p.binding = record{r.buf[start : start+bindingKeyLen], r.buf[start+bindingKeyLen:]}
	}
	effects := len(r.effects)
	r.encodeEffects(c, keys)
	p.effects = r.effects[effects:]
	guards := len(r.guards)
	r.encodeGuards(&c.Rests, keys)
	p.guards = r.guards[guards:]
}

func (r *request) encodeEffects(c *store.Change, keys *subjectKeys) {
	for i := range c.Withdrawn {
		r.effect(keys.of(evidenceKind, &c.Withdrawn[i]))
	}
	for i := range c.Proven {
		e := &c.Proven[i]
		if x := r.effect(keys.of(evidenceKind, &e.Subject)); proves(e) {
			r.buf, x.value, x.after.evidence = appendEvidence(r.buf, &x.key, e, c)
		}
	}
	for i := range c.Tallies {
		t := &c.Tallies[i]
		x := r.effect(keys.of(tallyKind, &t.Subject))
		r.buf, x.value = appendTally(r.buf, &x.key, t)
		x.after.revision = t.Revision
	}
}

// effect adds an effect, for the time being that a subject is forgotten.
func (r *request) effect(key subjectKey) *effect {
	r.effects = append(r.effects, effect{key: key})
	return &r.effects[len(r.effects)-1]
}

func (r *request) encodeGuards(rests *store.Rests, keys *subjectKeys) {
	for i := range rests.Evidence {
		e := &rests.Evidence[i]
		g := guard{key: keys.of(evidenceKind, &e.Subject), subject: e.Subject}
		if proves(e) {
			start := len(r.buf)
			r.buf = wire.AppendEvidence(r.buf, e)
			g.want.evidence = r.buf[start:]
		}
		r.guards = append(r.guards, g)
	}
	for i := range rests.Tallies {
		t := &rests.Tallies[i]
		r.guards = append(r.guards, guard{
			key: keys.of(tallyKind, &t.Subject), subject: t.Subject, want: known{revision: t.Revision},
		})
	}
}

// putBinding adds the binding of a change that creates an activation to a batch.
func (p *prepared) putBinding(b *pebble.Batch) error {
	if p.from > 0 {
		return nil
	}
	return b.Set(p.binding.key, p.binding.value, nil)
}

// putEffects adds what the change does to what is known to a batch.
func (p *prepared) putEffects(b *pebble.Batch) error {
	for i := range p.effects {
		x := &p.effects[i]
		if x.value == nil {
			if err := b.Delete(x.key[:], nil); err != nil {
				return err
			}
		} else if err := b.Set(x.key[:], x.value, nil); err != nil {
			return err
		}
	}
	return nil
}

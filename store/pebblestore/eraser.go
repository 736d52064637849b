package pebblestore

import (
	"bytes"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store/wire"
)

// erase does the erasures of a request, each in a group of its own, and answers
// it. An error is one after which nothing can be written any more.
func (w *writer) erase(r *request) error {
	for i := range r.erasures {
		if r.results[i] != nil {
			continue
		}
		p := &r.erasures[i]
		if r.results[i] = w.admitErasure(p); r.results[i] != nil {
			continue
		}
		batch := w.db.NewBatch()
		g := &group{erases: true, done: make(chan struct{})}
		if r.results[i] = w.fillErasure(batch, g, p); r.results[i] == nil {
			if err := w.commit(batch, g); err != nil {
				return err
			}
			w.purger.add(p.spans(), w.end.sequence)
		}
		if err := batch.Close(); err != nil {
			return err
		}
	}
	r.done <- struct{}{}
	return nil
}

// admitErasure returns why an erasure does not hold, or nil.
func (w *writer) admitErasure(p *erasure) error {
	w.reset()
	at, err := w.head(p.id)
	switch {
	case err != nil:
		return fmt.Errorf("activation %s: %w", p.id, err)
	case p.from != at:
		return errMoved(p.move, at)
	}
	return nil
}

// fillErasure puts an erasure into batch and into g.
func (w *writer) fillErasure(batch *pebble.Batch, g *group, p *erasure) error {
	for _, c := range p.changes {
		if err := batch.Set(c.key, c.value, nil); err != nil {
			return err
		}
	}
	if w.opts.tornErase {
		if err := w.db.Apply(batch, pebble.Sync); err != nil {
			return err
		}
		batch.Reset()
	}
	if err := w.unbind(batch, p); err != nil {
		return err
	}
	if err := w.keepEvidence(batch, p); err != nil {
		return err
	}
	for i := range p.subjects {
		if err := batch.Delete(p.subjects[i][:], nil); err != nil {
			return err
		}
	}
	g.subjects = p.subjects
	w.track(g, p.move, p.transition)
	return putSequence(batch, erasedKey, w.end.sequence+1)
}

// unbind takes away by what the activation is found: its binding, its user and
// when it is due.
func (w *writer) unbind(batch *pebble.Batch, p *erasure) error {
	a := &p.before.Activation
	key := appendBindingKey(nil, &a.Binding)
	value, err := w.get(key)
	if err != nil {
		return err
	}
	if value != nil {
		id, err := bindingID(value)
		if err != nil {
			return err
		}
		if id == p.id { // and not of the activation that came after an erasure
			if err := batch.Delete(key, nil); err != nil {
				return err
			}
		}
	}
	user := userKeyOf(a.User)
	if err := batch.Delete(appendUserActivationKey(nil, &user, p.id), nil); err != nil {
		return err
	}
	if due := dueOf(a); due != never {
		return batch.Delete(appendDueKey(nil, due, p.id), nil)
	}
	return nil
}

// keepEvidence writes the evidence whole that refers to an entry that loses its
// payload, and is not forgotten itself. It is of the user of the activation.
func (w *writer) keepEvidence(batch *pebble.Batch, p *erasure) error {
	it, err := w.db.NewIter(nil)
	if err != nil {
		return fromPebble(err)
	}
	defer it.Close()
	user := userKeyOf(p.before.Activation.User)
	prefix := append(user[:], evidenceKind)
	for ok := it.SeekGE(prefix); ok && bytes.HasPrefix(it.Key(), prefix); ok = it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return fromPebble(err)
		}
		whole, err := p.whole(value)
		if err != nil {
			return err
		}
		if whole == nil {
			continue
		}
		if err := batch.Set(it.Key(), whole, nil); err != nil {
			return err
		}
	}
	return fromPebble(it.Error())
}

// whole returns the value of evidence written whole, or nil where it does not
// refer to the activation. Both forms have the same checksum.
func (p *erasure) whole(value []byte) ([]byte, error) {
	n := len(value) - sumLen
	if n < 1 {
		return nil, errCutOff
	}
	if value[0] != entryForm {
		return nil, nil
	}
	ref, err := parseReference(value[1:n])
	if err != nil || ref.id != p.id {
		return nil, err
	}
	if int(ref.change) > len(p.before.Entries) {
		return nil, errReference
	}
	e := ref.evidence(steps.Subject{}, &p.before.Entries[ref.revision()-1])
	return append(wire.AppendEvidence([]byte{wholeForm}, &e), value[n:]...), nil
}

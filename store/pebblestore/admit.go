package pebblestore

import (
	"bytes"
	"fmt"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// admit returns why a change does not hold, or nil.
func (w *writer) admit(p *prepared) error {
	if p.err != nil {
		return p.err
	}
	at, err := w.head(p.id)
	switch {
	case err != nil:
		return fmt.Errorf("activation %s: %w", p.id, err)
	case p.from == 0 && at != 0:
		return fmt.Errorf("activation %s: %w", p.id, store.ErrExists)
	case p.from != at:
		return errMoved(p.move, at)
	case p.from != 0:
		return w.hold(p)
	}
	if err := w.free(p); err != nil {
		return fmt.Errorf("the binding of activation %s: %w", p.id, err)
	}
	if err := w.hold(p); err != nil {
		return err
	}
	w.bind(p)
	return nil
}

func errMoved(m move, at uint32) error {
	return fmt.Errorf("activation %s is at revision %d, not %d: %w", m.id, at, m.from, store.ErrConflict)
}

// head returns the revision of an activation, 0 where there is none.
func (w *writer) head(id steps.ID) (uint32, error) {
	if revision, ok := w.moved[id]; ok {
		return revision, nil
	}
	if revision, ok := w.heads.get(id); ok {
		return revision, nil
	}
	it, err := w.db.NewIter(nil)
	if err != nil {
		return 0, fromPebble(err)
	}
	defer it.Close()
	prefix := appendChangePrefix(nil, id)
	if it.SeekLT(appendChangePrefix(nil, id+1)) && bytes.HasPrefix(it.Key(), prefix) {
		return changeKeyRevision(it.Key()), nil
	}
	return 0, fromPebble(it.Error())
}

// free returns store.ErrExists where the binding of a new activation is taken.
func (w *writer) free(p *prepared) error {
	if _, taken := w.bindings[[bindingKeyLen]byte(p.binding.key)]; taken {
		return store.ErrExists
	}
	if !w.filter.mayHave(p.binding.key) {
		return nil
	}
	value, err := w.get(p.binding.key)
	if err == nil && value != nil {
		err = store.ErrExists
	}
	return err
}

// bind takes the binding of a new activation.
func (w *writer) bind(p *prepared) {
	w.bindings[[bindingKeyLen]byte(p.binding.key)] = struct{}{}
	w.filter.add(p.binding.key)
}

// reset forgets the group before.
func (w *writer) reset() {
	clear(w.moved)
	clear(w.bindings)
	w.overlay.reset()
	w.admitted = w.admitted[:0]
	w.moves, w.notes = w.moves[:0], w.notes[:0]
}

// include notes a change that is in the batch.
func (w *writer) include(g *group, p *prepared) {
	w.track(g, p.move, p.transition)
	for i := range p.effects {
		x := &p.effects[i]
		g.subjects = append(g.subjects, x.key)
		if x.value != nil {
			w.filter.add(x.key.user())
		}
	}
	w.admitted = append(w.admitted, p)
	if w.overlay.filled {
		w.overlay.add(p)
	}
}

// track notes where the batch moves an activation.
func (w *writer) track(g *group, m move, t transition) {
	w.moved[m.id] = m.to
	w.moves = append(w.moves, m)
	w.notes = append(w.notes, note{m, t})
	g.ids = append(g.ids, m.id)
}

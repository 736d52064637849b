package pebblestore

import (
	"fmt"

	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/wire"
)

// overlay is what the changes of a group have done to what is known, for the
// guards of those behind them. It is filled when the first guard needs it: most
// rest on that nothing is known of a user of whom the filter never heard.
type overlay struct {
	filled bool
	known  map[subjectKey]known
}

func (o *overlay) reset() {
	o.filled = false
	clear(o.known)
}

func (o *overlay) fill(admitted []*prepared) {
	o.filled = true
	for _, p := range admitted {
		o.add(p)
	}
}

// add adds what a change does.
func (o *overlay) add(p *prepared) {
	for i := range p.effects {
		o.known[p.effects[i].key] = p.effects[i].after
	}
}

// hold returns store.ErrConflict where something that a change rests on is not
// so.
func (w *writer) hold(p *prepared) error {
	for i := range p.guards {
		g := &p.guards[i]
		now, err := w.knownNow(g)
		if err == nil && !now.equal(g.want) {
			err = fmt.Errorf("it rests on what is not so: %w", store.ErrConflict)
		}
		if err != nil {
			return fmt.Errorf("activation %s: what is known of %s: %w", p.id, g.subject.Step, err)
		}
	}
	return nil
}

// knownNow returns what is known of a guard's subject, the changes of the group
// so far included.
func (w *writer) knownNow(g *guard) (known, error) {
	if !w.filter.mayHave(g.key.user()) {
		return known{}, nil
	}
	if !w.overlay.filled {
		w.overlay.fill(w.admitted)
	}
	if now, ok := w.overlay.known[g.key]; ok {
		return now, nil
	}
	return w.knownBefore(g)
}

// knownBefore returns what was known of a guard's subject before the group.
func (w *writer) knownBefore(g *guard) (now known, err error) {
	if w.lookup == nil {
		if w.lookup, err = newLookup(w.db); err != nil {
			return known{}, err
		}
	}
	if g.key.kind() == tallyKind {
		t, err := w.lookup.tally(&g.key, &g.subject)
		return known{revision: t.Revision}, err
	}
	e, err := w.lookup.evidence(&g.key, &g.subject)
	if err != nil || !proves(&e) {
		return known{}, err
	}
	return known{evidence: wire.AppendEvidence(nil, &e)}, nil
}

// endLookup ends the lookup of a group.
func (w *writer) endLookup() {
	w.lookup.close()
	w.lookup = nil
}

package pebblestore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/wire"
)

// Erase implements store.Store. A nil result means that no call tells any more
// what was erased, over a power cut too; the package comment says when it has
// left the disk. Each erasure is a durable write of its own.
func (s *Store) Erase(ctx context.Context, erasures []store.Erasure) []error {
	if len(erasures) == 0 {
		return nil
	}
	if err := s.begin(ctx); err != nil {
		return all(len(erasures), err)
	}
	defer s.gate.leave()
	r := requests.Get().(*request)
	r.results = make([]error, len(erasures))
	r.erasures = make([]erasure, len(erasures))
	for i := range erasures {
		r.results[i] = s.prepareErasure(ctx, &erasures[i], &r.erasures[i])
	}
	return s.send(ctx, s.erasures, r)
}

// erasure is an erasure in the form in which it is written.
type erasure struct {
	move
	transition
	before   wire.History // what is erased
	changes  []record     // all of the activation, in the place of what is there
	subjects []subjectKey // to be forgotten
}

// prepareErasure reads what is to be erased, and brings the index up to it: what
// the index learns later must not put back what the erasure takes out of it.
func (s *Store) prepareErasure(ctx context.Context, e *store.Erasure, p *erasure) error {
	id := e.Activation.StepsID
	p.move = move{id: id, from: e.From, to: e.Activation.Revision}
	it, err := s.db.NewIter(nil)
	if err != nil {
		return fromPebble(err)
	}
	defer it.Close()
	var changes []store.Change
	err = eachChange(it, id, func(c *store.Change) error {
		changes = append(changes, *c)
		return p.before.AddChange(c)
	})
	if err != nil {
		return fmt.Errorf("activation %s: %w", id, err)
	}
	if at := p.before.Activation.Revision; at != e.From || at == 0 {
		return errMoved(p.move, at)
	}
	if err := p.encode(e, changes); err != nil {
		return err
	}
	if err := s.settle(ctx, func(g *group) bool { return g.has(id) }); err != nil {
		return err
	}
	return s.flushIndex(ctx)
}

// encode encodes what an erasure leaves of changes, and the one that tells of it.
func (p *erasure) encode(e *store.Erasure, changes []store.Change) error {
	if len(e.Entries) != int(e.From)+1 {
		return fmt.Errorf("erasure of %s: %d entries, not one more than %d", p.id, len(e.Entries), e.From)
	}
	for i := range changes {
		redact(&changes[i], e)
	}
	last := store.Change{From: e.From, Activation: e.Activation, Entries: e.Entries[e.From:]}
	for _, c := range append(changes, last) {
		_, r, err := appendChange(nil, &c)
		if err != nil {
			return err
		}
		p.changes = append(p.changes, r)
	}
	p.transition = transitionOf(&last)
	var keys subjectKeys
	for i := range e.Subjects {
		p.subjects = append(p.subjects, keys.of(evidenceKind, &e.Subjects[i]), keys.of(tallyKind, &e.Subjects[i]))
	}
	return nil
}

// redact puts the erased entries in the place of a change's own, and takes from
// the activation what tells of persons or what nobody will ask for again.
func redact(c *store.Change, e *store.Erasure) {
	c.Entries = e.Entries[c.From:c.Activation.Revision]
	a := &c.Activation
	a.Hash = c.Entries[len(c.Entries)-1].Hash
	a.Deadline, a.Proofs, a.Held = time.Time{}, nil, nil
	if c.From == 0 {
		a.Binding, a.Service, a.VIN = e.Activation.Binding, e.Activation.Service, e.Activation.VIN
		a.Created, a.Salt = e.Activation.Created, e.Activation.Salt
	}
}

// spans returns the ranges of keys in which the erasure replaces something.
func (p *erasure) spans() []span {
	changes := span{appendChangePrefix(nil, p.id), appendChangePrefix(nil, p.id+1)}
	binding := appendBindingKey(nil, &p.before.Activation.Binding)
	all := []span{changes, {binding, append(slices.Clip(binding), 0)}}
	users := []userKey{userKeyOf(p.before.Activation.User)}
	for i := range p.subjects {
		if user := userKey(p.subjects[i].user()); !slices.Contains(users, user) {
			users = append(users, user)
		}
	}
	for _, user := range users {
		all = append(all, span{user[:], user.end()})
	}
	return all
}

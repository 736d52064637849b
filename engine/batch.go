package engine

import (
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// batch is one durable write to be. The committer's lock guards it while it is
// open; then it is its leader's.
type batch struct {
	works []*work
	byID  map[steps.ID]*work
	size  atomic.Int64  // how many ops have joined
	done  chan struct{} // closed when every op has its answer
}

// op is one thing asked of one activation: to create it, or to judge an event.
type op struct {
	slot   *slot
	create *store.Change // a new activation; nil: judge event
	event  *steps.Event
	caller *steps.Caller
	facts  facts // what is known for it
	fresh  bool  // the cache was forgotten for it
	needs  needs // what is to be found out before it can be judged

	machine *machine // that it was judged by
	work    *work    // nil: it never was in a batch

	// The answer, besides that of the work.
	verdict steps.Verdict
	added   int // how many entries it was recorded by
	after   *steps.Activation
	err     error
}

// answer returns why an op has no verdict, or nil. A reason to give up all ops
// is one for those that were ready to be judged.
func (o *op) answer(gaveUp error) error {
	switch {
	case o.err != nil:
		return o.err
	case o.slot != nil && gaveUp != nil:
		return gaveUp
	case o.work != nil:
		return o.work.err
	}
	return nil
}

// fail ends an op without a verdict.
func (o *op) fail(err error) {
	o.verdict, o.err = steps.Verdict{}, failure(err)
}

// recorded returns the entry of a history that records the op's event, or nil.
func (o *op) recorded(history []steps.Entry) *steps.Entry {
	if o.event.Key == (steps.EventKey{}) {
		return nil
	}
	for i := range history {
		if history[i].Event == o.event.Key && o.machine.tells(&history[i], o.event) {
			return &history[i]
		}
	}
	return nil
}

// work is what a batch does to one activation.
type work struct {
	slot    *slot
	from    uint32            // the revision that it rests on
	entries []steps.Entry     // none: it changes nothing
	after   *steps.Activation // with the entries
	effects                   // besides the activation
	err     error             // of the store: nothing, or nobody knows what, became durable
}

func (w *work) change() store.Change {
	return store.Change{
		From: w.from, Activation: *w.after, Entries: w.entries,
		Rests: w.rests, Proven: w.proven, Withdrawn: w.withdrawn, Tallies: w.tallies,
	}
}

// judge decides an op on what its activation will be by then.
func (b *batch) judge(o *op, now time.Time) {
	w := b.byID[o.slot.id]
	switch {
	case w != nil && o.create != nil, w == nil && o.slot.lost:
		o.err = store.ErrConflict // the ID was drawn twice; or what the op rests on never was
		return
	case w == nil:
		w = &work{slot: o.slot, after: o.slot.next}
		b.works = append(b.works, w)
		b.byID[o.slot.id] = w
	}
	o.work = w
	if o.create != nil {
		w.entries, w.after = o.create.Entries, &o.create.Activation
		w.effects = effects{rests: o.create.Rests, proven: o.create.Proven, withdrawn: o.create.Withdrawn}
		for i := range w.entries {
			w.slot.past.add(&w.entries[i])
		}
	} else {
		w.judge(o, now)
	}
	w.slot.next = w.after
	o.after = w.after
}

// judge has the rules decide an op. Where they need facts the op has them
// named, and errNeeds.
func (w *work) judge(o *op, now time.Time) {
	known := w.overlay(&o.facts)
	o.machine = w.slot.machine
	defer func() { // nothing has changed yet, and the batch goes on
		if r := recover(); r != nil {
			o.err = &steps.Error{Code: steps.CodeUnknown, Err: fmt.Errorf("panic: %v\n%s", r, debug.Stack())}
		}
	}()
	d := o.machine.decide(w.after, &w.slot.past, o.event, o.caller, known, now)
	o.verdict, o.err, o.needs, o.added = d.verdict, d.err, d.needs, len(d.entries)
	if d.needs.any() {
		o.err = errNeeds
	}
	if len(d.entries) == 0 {
		return
	}
	if len(w.entries) == 0 {
		w.from = w.after.Revision
		w.entries = d.entries
	} else {
		w.entries = append(w.entries, d.entries...)
	}
	w.merge(&d.effects)
	w.after = d.after
	w.slot.machine = d.machine
	for i := range d.entries {
		w.slot.past.add(&d.entries[i])
	}
}

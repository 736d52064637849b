package engine

import (
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
	work   *work // nil: it never was in a batch

	// The answer, besides that of the work.
	verdict steps.Verdict
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
	names := o.slot.machine.canonical(o.event.Steps)
	for i := range history {
		if history[i].Tells(o.event, names) {
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
	err     error             // of the store: nothing, or nobody knows what, became durable
}

func (w *work) change() store.Change {
	return store.Change{From: w.from, Activation: *w.after, Entries: w.entries}
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
	} else {
		w.judge(o, now)
	}
	w.slot.next = w.after
	o.after = w.after
}

func (w *work) judge(o *op, now time.Time) {
	d := w.slot.machine.decide(w.after, &w.slot.past, o.event, o.caller, now)
	o.verdict = d.verdict
	if d.entry == nil {
		return
	}
	if len(w.entries) == 0 {
		w.from = w.after.Revision
	}
	w.entries = append(w.entries, *d.entry)
	w.after = d.after
	w.slot.past.add(d.entry)
}

package engine

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// learn finds out the facts that ops lack, and returns the ops that can be
// judged again. Where that fails for one, the op fails, and so do those of its
// activation behind it: nothing overtakes it.
func (e *Engine) learn(ctx context.Context, ops []*op, failed map[steps.ID]error) []*op {
	if len(ops) == 0 {
		return nil // as after nearly every event
	}
	ops = slices.DeleteFunc(ops, func(o *op) bool {
		if err := failed[o.event.StepsID]; err != nil {
			o.fail(err)
		}
		return failed[o.event.StepsID] != nil
	})
	lacks := make([]lack, len(ops))
	for i, o := range ops {
		lacks[i] = lack{needs: o.needs, known: &o.facts}
		o.err, o.work, o.needs = nil, nil, needs{}
	}
	e.findOut(ctx, lacks)
	if failed == nil {
		failed = make(map[steps.ID]error)
	}
	ahead := make(map[steps.ID]*facts)
	ready := ops[:0]
	for i, o := range ops {
		id := o.event.StepsID
		if lacks[i].err != nil && failed[id] == nil {
			failed[id] = lacks[i].err
		}
		if err := failed[id]; err != nil {
			o.fail(err)
			continue
		}
		if f := ahead[id]; f != nil {
			o.facts.evidence, o.facts.tallies = slices.Clip(f.evidence), slices.Clip(f.tallies)
		} else {
			ahead[id] = &o.facts
		}
		ready = append(ready, o)
	}
	return ready
}

// lack is what a decision lacks, where it goes when it is found out, and why it
// was not.
type lack struct {
	needs
	known *facts
	err   error
}

// findOut makes facts of what is lacking, with one read of evidence and one of
// tallies for all, and all checkers asked at once.
func (e *Engine) findOut(ctx context.Context, lacks []lack) {
	var evidence, tallies []steps.Subject
	for i := range lacks {
		evidence = append(evidence, lacks[i].evidence...)
		tallies = append(tallies, lacks[i].tallies...)
	}
	proven, counted, err := e.recall(ctx, evidence, tallies)
	for i := range lacks {
		l := &lacks[i]
		ne, nt := len(l.evidence), len(l.tallies)
		if err != nil {
			if ne+nt > 0 {
				l.err = failure(err)
			}
			continue
		}
		l.known.evidence = append(l.known.evidence, proven[:ne]...)
		l.known.tallies = append(l.known.tallies, counted[:nt]...)
		proven, counted = proven[ne:], counted[nt:]
	}

	var asked sync.WaitGroup
	for i := range lacks {
		if l := &lacks[i]; l.err == nil && len(l.checks) > 0 {
			asked.Go(func() { e.ask(ctx, l) })
		}
	}
	asked.Wait()
}

// informed makes a decision again and again until it lacks no fact. It is for
// decisions that no batch makes.
func (e *Engine) informed(ctx context.Context, decide func(known *facts) needs) error {
	for known := new(facts); ; {
		lacks := []lack{{needs: decide(known), known: known}}
		if !lacks[0].any() {
			return nil
		}
		if e.findOut(ctx, lacks); lacks[0].err != nil {
			return lacks[0].err
		}
	}
}

// recall reads evidence and tallies, and names the subject of each.
func (e *Engine) recall(ctx context.Context, evidence, tallies []steps.Subject) (proven []steps.Evidence, counted []steps.Tally, err error) {
	if len(evidence) > 0 {
		if proven, err = e.store.Evidence(ctx, evidence); err != nil {
			return nil, nil, err
		}
		for i := range proven {
			proven[i].Subject = evidence[i]
		}
	}
	if len(tallies) > 0 {
		if counted, err = e.store.Tallies(ctx, tallies); err != nil {
			return nil, nil, err
		}
		for i := range counted {
			counted[i].Subject = tallies[i]
		}
	}
	return proven, counted, nil
}

// ask asks the checkers one after the other.
func (e *Engine) ask(ctx context.Context, l *lack) {
	for _, q := range l.checks {
		check, err := e.check(ctx, q)
		if err != nil {
			l.err = checkerFailure(err, q.subject.Step)
			return
		}
		l.known.checks = append(l.known.checks, checked{q.subject, check})
	}
}

// check asks one checker.
func (e *Engine) check(ctx context.Context, q question) (Check, error) {
	check, err := within(ctx, e.checkTimeout, func(ctx context.Context) (Check, error) {
		return e.checkers[q.checker].Check(ctx, q.subject)
	})
	if check.Until.Year() > 9999 { // what no JSON can write is without end
		check.Until = time.Time{}
	}
	if !check.Until.IsZero() {
		check.Until = store.Millis(check.Until)
	}
	return check, err
}

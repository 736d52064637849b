package engine_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// tick draws how far the clock moves: mostly a little, sometimes far, sometimes
// back.
func (w *walk) tick() time.Duration {
	switch n := w.draw(40); {
	case n < 30:
		return time.Duration(n%4) * time.Second
	case n < 36:
		return time.Duration(5+w.draw(25)) * time.Second
	case n < 39:
		return time.Duration(-w.draw(15)) * time.Second
	}
	return time.Duration(w.draw(120)) * time.Second
}

// act does one random action on both sides, and says which.
func (w *walk) act(n int) string {
	if len(w.world.activations) == 0 {
		return w.askSomething()
	}
	switch k := w.draw(100); {
	case k < 64:
		return w.tellOne(n, k >= 56)
	case k < 68:
		return w.tellSeveral(n)
	case k < 86:
		return w.askSomething()
	case k < 91:
		return w.changeAnswer()
	case k < 94:
		return w.tellOfKey(n)
	case k < 97:
		want := w.world.sweep(w.now)
		got, err := w.engine.Sweep(w.ctx, operator)
		if err != nil || got != want {
			w.differ("sweep", "engine told of %d (%v), model of %d", got, err, want)
		}
		return "sweep"
	default:
		version := max(uint32(1+w.draw(2)), uint32(len(w.world.plans)-1))
		w.restart(version)
		return fmt.Sprintf("restart with plans up to version %d", version)
	}
}

// tellOne tells an event, where there is one again.
func (w *walk) tellOne(n int, again bool) string {
	caller, ev := w.drawEvent(fmt.Sprint("e-", n), w.drawActivation())
	if old, ok := w.drawAgain(nil); again && ok {
		caller, ev = old.caller, old.event
	}
	w.tell(caller, ev)
	return fmt.Sprintf("%s tells %+v", caller.User, ev)
}

// tell tells the engine an event, and compares what became of it.
func (w *walk) tell(caller steps.Caller, ev steps.Event) {
	want, away := w.world.tell(caller, ev, w.now)
	got, err := w.engine.Handle(w.ctx, caller, ev)
	w.compareVerdict(caller, ev, want, away, got, err)
}

// tellSeveral tells events of one activation at once. Behind one that is not
// judged, none is.
func (w *walk) tellSeveral(n int) string {
	a := w.drawActivation()
	events := make([]steps.Event, 2+w.draw(4))
	wants, away := make([]steps.Verdict, len(events)), make([]*turnedAway, len(events))
	for i := range events {
		_, events[i] = w.drawEvent(fmt.Sprintf("e-%d.%d", n, i), a)
		if again, ok := w.drawAgain(a); ok && w.draw(4) == 0 {
			events[i] = again.event
		}
		if i > 0 && away[i-1] != nil {
			away[i] = away[i-1]
		} else {
			wants[i], away[i] = w.world.tell(operator, events[i], w.now)
		}
	}
	for i, result := range w.engine.HandleBatch(w.ctx, operator, events) {
		w.compareVerdict(operator, events[i], wants[i], away[i], result.Verdict, result.Err)
	}
	return fmt.Sprintf("%s tells at once %+v", operator.User, events)
}

// ask asks for a list, and compares the answer.
func (w *walk) ask(caller steps.Caller, req engine.StepsRequest) {
	list, err := w.engine.Steps(w.ctx, caller, req)
	made := list.StepsID
	if err != nil && req.StepsID == 0 {
		made = w.madeBy(caller, req)
	}
	a, away := w.world.list(caller, req, made, w.now)
	if away != nil || err != nil {
		if away == nil {
			away = &turnedAway{}
		}
		w.compareError("answer", away, err)
		return
	}
	w.compareList("answer", a, list, req.Filter)
}

// madeBy finds the activation that a call made although it was turned away.
func (w *walk) madeBy(caller steps.Caller, req engine.StepsRequest) steps.ID {
	all, err := w.store.List(w.ctx, store.Query{User: caller.User})
	if err != nil {
		w.differ("answer", "%v", err)
	}
	for _, a := range all {
		if a.Device == caller.Device && (a.Association == req.CarAssociationID || a.VIN == req.VIN) && w.world.find(a.StepsID) == nil {
			return a.StepsID
		}
	}
	return 0
}

// next asks for the next step, and compares the answer.
func (w *walk) next(caller steps.Caller, id steps.ID) {
	item, err := w.engine.Next(w.ctx, caller, id)
	a, away := w.world.list(caller, engine.StepsRequest{StepsID: id}, 0, w.now)
	switch {
	case away != nil:
		w.compareError("answer", away, err)
	case err != nil:
		w.compareError("answer", &turnedAway{}, err)
	default:
		want := steps.StateActivated
		got := want
		if shown := w.world.at(a, w.now); shown.state() != want {
			want = shown.state()
		}
		if item != nil {
			got = steps.State(item.Name)
		}
		if got != want || item != nil && (item.Order != 1 || item.Status != steps.Todo) {
			w.differ("answer", "engine %+v\nmodel  %s", item, want)
		}
	}
}

// tellOfKey has a device tell of its key while the checker says yes, whatever it
// says afterwards.
func (w *walk) tellOfKey(n int) string {
	a := w.drawActivation()
	if !a.confirmed([]string{steps.MediumCarKey}) {
		return "no checker knows of this key"
	}
	s, caller := w.world.subjectOf(a, steps.MediumCarKey), device(a.association.User, a.device)
	w.world.answers[s] = answer{proven: true}
	ev := steps.Completion(steps.EventID("test", fmt.Sprint("e-", n)), a.id, steps.MediumCarKey)
	w.tell(caller, ev)
	w.world.answers[s] = []answer{{proven: true}, {}, {failed: errAway}}[w.draw(3)]
	return fmt.Sprintf("%s tells %+v, and then the checker says %+v", caller.User, ev, w.world.answers[s])
}

// askSomething asks for a list or the next step.
func (w *walk) askSomething() string {
	association := walkAssociations[w.draw(len(walkAssociations))]
	caller := device(association.User, []string{"phone", "tablet"}[w.draw(2)])
	req := engine.StepsRequest{
		CarAssociationID: association.ID,
		Filter:           []steps.Filter{"", steps.FilterTodo, steps.FilterDone, steps.FilterAll}[w.draw(4)],
	}
	if all := w.world.activations; len(all) > 2 && w.draw(3) > 0 {
		a := all[w.draw(len(all))]
		caller = device(a.association.User, a.device)
		req.CarAssociationID, req.StepsID = "", a.id
		if w.draw(12) == 0 {
			caller = device([]string{"ann", "bob"}[w.draw(2)], []string{"phone", "tablet"}[w.draw(2)])
		}
	} else if w.draw(8) == 0 {
		req.CarAssociationID, req.VIN = "", association.VIN
	}
	for _, a := range w.world.activations {
		if a.association.User == caller.User && a.device == caller.Device && w.asksInVain(a, 0) {
			return w.changeAnswer()
		}
	}
	if req.StepsID != 0 && w.draw(3) == 0 {
		w.next(caller, req.StepsID)
		return fmt.Sprintf("%s on %s asks for the next step of %d", caller.User, caller.Device, req.StepsID)
	}
	if req.Reset = w.draw(4) == 0; req.Reset && w.draw(3) == 0 {
		req.ResetStep = []string{steps.TrustedPhone, steps.DeviceActivation, "trusterPhoneNumber", "pin", "noSuchStep"}[w.draw(5)]
	}
	w.ask(caller, req)
	if req.Reset && w.draw(2) == 0 {
		w.ask(caller, req) // as after a time-out
	}
	return fmt.Sprintf("%s on %s asks %+v", caller.User, caller.Device, req)
}

var errAway = errors.New("away")

// changeAnswer changes what a checker says of a subject, or whether a vehicle is
// eligible.
func (w *walk) changeAnswer() string {
	if w.draw(10) == 0 {
		vin := []string{"V1", "V2"}[w.draw(2)]
		fit := []fitness{{}, {why: "it is too old"}, {failed: errAway}}[w.draw(3)]
		w.world.unfit[vin] = fit
		return fmt.Sprintf("%s is now %+v", vin, fit)
	}
	a := w.drawActivation()
	names := w.world.checked(a, a.allSteps())
	if len(names) == 0 {
		return "nobody changes his mind"
	}
	s := w.world.subjectOf(a, names[w.draw(len(names))])
	said := answer{proven: true}
	switch w.draw(6) {
	case 0:
		said = answer{failed: errAway}
	case 1:
		said = answer{failed: context.DeadlineExceeded}
	case 2, 3:
		said.until = w.now.Add(time.Duration(1+w.draw(60)) * time.Second)
	case 4:
		said = answer{}
	}
	w.world.answers[s] = said
	return fmt.Sprintf("of %s the checker says %+v", s, said)
}

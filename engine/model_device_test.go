package engine_test

import (
	"time"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
)

// turnedAway is why a call has no list.
type turnedAway struct {
	code    steps.Code
	retryAt time.Time
	failing *failing
}

// list predicts what a device gets that asks for its list: the activation, or
// why it is turned away. An activation that is made has its ID from made.
func (w *world) list(caller steps.Caller, req engine.StepsRequest, made steps.ID, now time.Time) (*activation, *turnedAway) {
	a, isNew, away := w.meant(caller, req, made, now)
	if away != nil {
		return nil, away
	}
	if req.Reset && !isNew {
		if away := w.resetByCall(a, req.ResetStep, now); away != nil {
			return nil, away
		}
	}
	if failed := w.attempt(a, func() *failing { return w.look(a, now) }); failed != nil {
		return nil, &turnedAway{failing: failed}
	}
	shown := w.at(a, now)
	return a, w.barred(shown, now)
}

// meant is the activation that a call means, made where there is none.
func (w *world) meant(caller steps.Caller, req engine.StepsRequest, made steps.ID, now time.Time) (*activation, bool, *turnedAway) {
	if req.StepsID != 0 {
		a := w.find(req.StepsID)
		if a == nil || a.device != caller.Device || a.association.User != caller.User && w.fault != "a stepsID serves another user" {
			return nil, false, &turnedAway{code: steps.CodeNotFound}
		}
		return a, false, nil
	}
	var found []steps.Association
	for _, association := range w.associations {
		if association.User == caller.User && (association.ID == req.CarAssociationID || req.VIN != "" && association.VIN == req.VIN) {
			found = append(found, association)
		}
	}
	if len(found) != 1 {
		return nil, false, &turnedAway{code: steps.CodeInvalid}
	}
	for _, a := range w.activations {
		if a.association == found[0] && a.device == caller.Device {
			return a, false, nil
		}
	}
	a, away := w.make(found[0], caller.Device, made, now)
	return a, true, away
}

// make makes an activation, unless the vehicle is not eligible or a checker
// fails.
func (w *world) make(association steps.Association, device string, id steps.ID, now time.Time) (*activation, *turnedAway) {
	if fit := w.unfit[association.VIN]; fit.failed != nil {
		return nil, &turnedAway{failing: &failing{cause: fit.failed}}
	} else if fit.why != "" && w.fault != "makes an activation that is not eligible" {
		return nil, &turnedAway{code: steps.CodeRefused}
	}
	a := &activation{
		id: id, association: association, device: device, plan: w.latest(association.Service),
		created: now, since: now, begun: now,
		done: make(map[string]proof), revoked: make(map[string]bool), first: make(map[steps.EventKey]judged),
	}
	a.deadline = end(now, a.plan.Deadline)
	checked := w.checked(a, a.allSteps())
	proven, failed := w.ask(a, checked, now)
	if failed != nil {
		return nil, &turnedAway{failing: failed}
	}
	a.enter(now, func() {})
	for _, name := range checked { // what a checker denies is evidence no more
		if _, is := proven[name]; !is {
			delete(w.evidence, w.provenFor(a, name))
		}
	}
	w.checkedProven(a, checked, proven, now)
	for _, name := range a.todo(a.allSteps()) {
		if p, ok := w.found(a, name, now); ok {
			a.enter(now, func() { a.done[name] = p })
		}
	}
	w.activations = append(w.activations, a)
	return a, nil
}

// resetByCall is a reset that a device asks for. One right behind itself is its
// retry.
func (w *world) resetByCall(a *activation, step string, now time.Time) *turnedAway {
	ev := steps.Event{Kind: steps.Reset, StepsID: a.id}
	if step != "" {
		if ev.Steps = named(a.plan, []string{step}); index(a.plan, step) < 0 {
			return &turnedAway{code: steps.CodeInvalid}
		}
		step = ev.Steps[0]
	}
	var v steps.Verdict
	failed := w.attempt(a, func() *failing {
		w.fallDue(a, now)
		if a.resetByCall != nil && *a.resetByCall == step && w.fault != "a device resets twice" {
			if news, failed := w.checkersDisagree(a, ev.Steps, now); failed != nil || !news {
				return failed
			}
		}
		return w.judge(a, ev, ev.Steps, now, &v)
	})
	switch {
	case failed != nil:
		return &turnedAway{failing: failed}
	case v.Outcome == steps.Refused:
		return &turnedAway{code: steps.CodeRefused}
	}
	a.resetByCall = &step
	return nil
}

// checkersDisagree reports whether a checker of these steps, or of all, says
// something else than the activation has.
func (w *world) checkersDisagree(a *activation, names []string, now time.Time) (bool, *failing) {
	if len(names) == 0 {
		names = a.allSteps()
	}
	checked := w.checked(a, names)
	proven, failed := w.ask(a, checked, now)
	for _, name := range checked {
		_, says := proven[name]
		if _, done := a.done[name]; done != says {
			return true, failed
		}
	}
	return false, failed
}

// look takes over what is proven elsewhere, where a device asks; what fell due
// meanwhile is told only where there is something.
func (w *world) look(a *activation, now time.Time) *failing {
	shown := w.at(a, now)
	if shown.over != "" {
		return nil
	}
	for _, name := range shown.todo(shown.allSteps()) {
		if known, ok := w.evidence[w.provenFor(shown, name)]; ok && lasts(known.until, now) {
			w.fallDue(a, now)
			w.takeOver(a, now)
			return w.follow(a, now)
		}
	}
	return nil
}

// at is an activation as it is shown at a time, at the revision that is
// recorded.
func (w *world) at(a *activation, now time.Time) *activation {
	shown := a.copy()
	w.fallDue(shown, now)
	shown.entries = a.entries
	return shown
}

// barred is why a device is turned away in the present state, or nil.
func (w *world) barred(a *activation, now time.Time) *turnedAway {
	if a.over != "" {
		return &turnedAway{code: steps.CodeRefused}
	}
	for name := range a.revoked {
		if a.step(name).Scope == steps.ScopeUserDevice {
			return &turnedAway{code: steps.CodeNoDevice}
		}
	}
	if state := a.state(); state != steps.StateActivated {
		if until, locked := w.locked(a, []string{string(state)}, now); locked {
			return &turnedAway{code: steps.CodeBlocked, retryAt: until}
		}
	}
	return nil
}

// sweep tells what fell due, and of how many activations.
func (w *world) sweep(now time.Time) (told int) {
	for _, a := range w.activations {
		before := a.entries
		if w.fallDue(a, now); a.entries > before {
			told++
		}
	}
	return told
}

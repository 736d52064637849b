package engine_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/stepgate/stepgate/steps"
)

func (w *walk) differ(where, format string, args ...any) {
	if w.diff == nil {
		w.diff = &difference{where, fmt.Sprintf(format, args...)}
	}
}

// compareVerdict compares what became of an event.
func (w *walk) compareVerdict(caller steps.Caller, ev steps.Event, want steps.Verdict, away *turnedAway, got steps.Verdict, err error) {
	if away != nil {
		w.compareError("verdict", away, err)
		return
	}
	if err != nil {
		w.differ("verdict", "engine %v\nmodel  %+v", err, want)
		return
	}
	if got != want {
		w.differ("verdict", "engine %+v\nmodel  %+v", got, want)
	}
	w.told = append(w.told, telling{caller, ev, got})
}

// compareError compares an error of the engine with why a call fails.
func (w *walk) compareError(where string, away *turnedAway, err error) {
	want := steps.Error{Code: away.code, RetryAt: away.retryAt}
	if f := away.failing; f != nil {
		want.Steps, want.Code = f.steps, steps.CodeServer
		if errors.Is(f.cause, context.DeadlineExceeded) {
			want.Code = steps.CodeTimeout
		}
	}
	got := new(steps.Error)
	errors.As(err, &got)
	w.codes[got.Code] = true
	if got.Code != want.Code || !got.RetryAt.Equal(want.RetryAt) || !slices.Equal(got.Steps, want.Steps) {
		w.differ(where, "engine %v, code %d, of %v, retry at %v\nmodel  code %d, of %v, retry at %v",
			err, got.Code, got.Steps, got.RetryAt, want.Code, want.Steps, want.RetryAt)
	}
}

// compareAll compares every activation as an operator sees it.
func (w *walk) compareAll() {
	for _, a := range w.world.activations {
		shown, err := w.engine.Show(w.ctx, operator, a.id)
		if err != nil {
			w.differ("view", "%v", err)
			return
		}
		w.compareList("view", a, shown, steps.FilterAll)
		w.staysDone(shown)
	}
}

// compareList compares a list with the world's activation as it is shown now.
func (w *walk) compareList(where string, a *activation, got steps.List, filter steps.Filter) {
	shown := w.world.at(a, w.now)
	want := steps.Activation{
		StepsID: a.id,
		Binding: steps.Binding{Association: a.association.ID, User: a.association.User, Device: a.device},
		Service: a.association.Service, VIN: a.association.VIN, Plan: a.plan.Version, Created: a.created,
		State: shown.state(), Since: shown.since, Epoch: shown.epoch, EpochAt: shown.begun, Deadline: shown.deadline,
		Revision: shown.entries, Salt: got.Salt, Hash: got.Hash, Proofs: got.Proofs, Held: got.Held,
	}
	if shown.over == steps.StateCancelled {
		want.Deadline = got.Deadline // there is none that counts
	}
	if differ := unequal(got.Activation, want); differ != "" {
		w.differ(where, "of %d, %s", a.id, differ)
	}
	if differ := heldUnequal(shown, got.Held); differ != "" {
		w.differ(where, "of %d, %s", a.id, differ)
	}
	w.compareItems(where, shown, got.Items, filter)
}

// heldUnequal is how what an activation holds differs from what the engine
// shows, or "".
func heldUnequal(a *activation, got []steps.HeldCompletion) string {
	same := len(got) == len(a.held)
	for i := 0; same && i < len(got); i++ {
		same = got[i].Until.Equal(a.held[i].until) && slices.Equal(got[i].Steps, a.held[i].steps)
	}
	if same {
		return ""
	}
	return fmt.Sprintf("engine holds %+v, model %+v", got, a.held)
}

// unequal is which members of two activations differ, or "".
func unequal(got, want steps.Activation) string {
	var differ []string
	g, m := reflect.ValueOf(got), reflect.ValueOf(want)
	for i := range g.NumField() {
		if engine, model := fmt.Sprint(g.Field(i)), fmt.Sprint(m.Field(i)); engine != model {
			differ = append(differ, fmt.Sprintf("%s: engine %s, model %s", g.Type().Field(i).Name, engine, model))
		}
	}
	return strings.Join(differ, "; ")
}

func (w *walk) compareItems(where string, shown *activation, got []steps.Item, filter steps.Filter) {
	n := 0
	for _, name := range shown.allSteps() {
		p, done := shown.done[name]
		status := steps.Todo
		if done {
			status = steps.AlreadyDone
		}
		if filter != "" && filter != steps.FilterAll && filter != steps.Filter(status) {
			continue
		}
		if n == len(got) {
			w.differ(where, "engine shows %+v\nmodel has %s too", got, name)
			return
		}
		item := got[n]
		n++
		same := item.Name == name && item.Status == status && item.Order == n && item.Proof.Revoked == shown.revoked[name]
		if done {
			same = same && item.Proof.At.Equal(p.at) && item.Proof.Until.Equal(p.until)
			if where == "view" {
				same = same && item.Origin == p.origin
			}
		}
		if !same {
			w.differ(where, "engine shows %s %s, %v, by %v\nmodel has    %s %s, %v until %v, by %v, revoked %v",
				item.Name, item.Status, item.Proof, item.Origin, name, status, p.at, p.until, p.origin, shown.revoked[name])
			return
		}
	}
	if n != len(got) {
		w.differ(where, "engine shows %+v\nmodel has %d of them", got, n)
	}
}

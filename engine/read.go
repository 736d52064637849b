package engine

import (
	"context"
	"errors"
	"slices"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Show returns an activation with all its steps, in whatever state, and what
// proved those that are done. It is for those whom it is bound to, and for
// operators; to everybody else it is ErrNotFound.
func (e *Engine) Show(ctx context.Context, caller steps.Caller, id steps.ID) (steps.List, error) {
	a, err := e.visible(ctx, &caller, id)
	if err != nil {
		return steps.List{}, err
	}
	shown, err := e.view(a, steps.FilterAll, e.now())
	if err != nil || !slices.ContainsFunc(a.Proofs, steps.Proof.Done) {
		return shown, err
	}
	found, err := e.store.History(ctx, []steps.ID{id})
	if err != nil {
		return steps.List{}, failure(err)
	}
	for i := range shown.Items {
		if item := &shown.Items[i]; item.Proof.Done() {
			item.Origin = origin(id, found[0], item.Proof)
		}
	}
	return shown, nil
}

// origin returns what the history says of a proof.
func origin(id steps.ID, history []steps.Entry, proof steps.Proof) steps.Origin {
	if int(proof.Revision) > len(history) {
		return steps.Origin{} // erased meanwhile
	}
	entry := &history[proof.Revision-1]
	switch entry.Kind {
	case steps.Inherited:
		return entry.Origin
	case steps.Absorbed:
		entry = &history[entry.Of-1]
	}
	return steps.Origin{StepsID: id, Event: entry.Event, At: proof.At}
}

// History returns the history of an activation, oldest entry first. Who may see
// it is as with Show.
func (e *Engine) History(ctx context.Context, caller steps.Caller, id steps.ID) ([]steps.Entry, error) {
	if _, err := e.visible(ctx, &caller, id); err != nil {
		return nil, err
	}
	found, err := e.store.History(ctx, []steps.ID{id})
	if err != nil {
		return nil, failure(err)
	}
	return found[0], nil
}

// List returns the activations that match, in the order of their IDs; the next
// page begins after the last one's ID. It shows what is recorded: what fell due
// since, once it is swept. The caller needs the right Operate.
func (e *Engine) List(ctx context.Context, caller steps.Caller, q store.Query) ([]steps.Activation, error) {
	if err := permit(&caller, steps.Operate); err != nil {
		return nil, err
	}
	if _, err := pageLimit(q.Limit); err != nil {
		return nil, err
	}
	found, err := e.store.List(ctx, q)
	if err != nil {
		return nil, failure(err)
	}
	shown := slices.Clone(found)
	for i := range shown {
		shown[i].Salt = steps.Salt{} // nobody's to see
	}
	return shown, nil
}

// pageLimit returns how many a page holds, or why it cannot.
func pageLimit(limit int) (int, error) {
	switch {
	case limit < 0 || limit > store.MaxLimit:
		return 0, steps.Invalid("limit", "a limit lies between 1 and 1000; 0 is 100")
	case limit == 0:
		return store.DefaultLimit, nil
	}
	return limit, nil
}

// Changes returns up to limit entries of all activations that became durable
// after a cursor, in that order; "" is the beginning, and no entry means that
// there is nothing newer. The caller needs the right Operate.
func (e *Engine) Changes(ctx context.Context, caller steps.Caller, after store.Cursor, limit int) ([]store.Told, error) {
	if err := permit(&caller, steps.Operate); err != nil {
		return nil, err
	}
	if _, err := pageLimit(limit); err != nil {
		return nil, err
	}
	told, err := e.store.Changes(ctx, after, limit)
	if errors.Is(err, store.ErrCursor) {
		return nil, steps.Invalid("cursor", "the cursor is none that this store gave")
	}
	return told, failure(err)
}

// visible returns an activation that the caller may see.
func (e *Engine) visible(ctx context.Context, caller *steps.Caller, id steps.ID) (*steps.Activation, error) {
	if err := permit(caller, steps.Ask|steps.Operate); err != nil {
		return nil, err
	}
	if err := checkID(id); err != nil {
		return nil, err
	}
	if caller.May(steps.Operate) {
		return e.load(ctx, id)
	}
	return e.owned(ctx, caller, id)
}

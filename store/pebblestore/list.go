package pebblestore

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/wire"
)

// List implements store.Store. It walks the narrowest index there is, and
// judges each activation by its own record.
func (s *Store) List(ctx context.Context, q store.Query) ([]steps.Activation, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.gate.leave()
	if q.Association == "" && (q.User != "" || q.State != "" || q.Service != "") {
		if err := s.flushIndex(ctx); err != nil {
			return nil, err
		}
	}
	it, records, err := s.iterators()
	if err != nil {
		return nil, err
	}
	defer it.Close()
	defer records.Close()
	next, err := candidates(it, &q)
	if err != nil {
		return nil, err
	}

	var found []steps.Activation
	var seen []steps.ID
	for limit := limited(q.Limit); len(found) < limit; {
		id, ok := next()
		if !ok {
			break
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		a, err := readIndexed(records, id)
		if err != nil {
			return nil, err
		}
		seen = append(seen, id)
		if matches(&a, &q) {
			found = append(found, a)
		}
	}
	if err := fromPebble(it.Error()); err != nil {
		return nil, err
	}
	if err := s.settle(ctx, func(g *group) bool { return slices.ContainsFunc(seen, g.has) }); err != nil {
		return nil, err
	}
	return found, nil
}

// readIndexed reads an activation that an index has, and that must thus exist.
func readIndexed(it *pebble.Iterator, id steps.ID) (steps.Activation, error) {
	var h wire.History
	err := readHistory(it, id, &h)
	if err == nil && h.Activation.Revision == 0 {
		err = errIndexAlone
	}
	if err != nil {
		return steps.Activation{}, fmt.Errorf("activation %s: %w", id, err)
	}
	return h.Activation, nil
}

var errIndexAlone = fmt.Errorf("%w: it stands in an index alone", store.ErrCorrupt)

func matches(a *steps.Activation, q *store.Query) bool {
	return (q.User == "" || a.User == q.User) &&
		(q.State == "" || a.State == q.State) &&
		(q.Service == "" || a.Service == q.Service) &&
		(q.Association == "" || a.Association == q.Association)
}

// candidates returns what gives the IDs above q.After that may match, in
// ascending order.
func candidates(it *pebble.Iterator, q *store.Query) (func() (steps.ID, bool), error) {
	switch {
	case q.Association != "":
		return byAssociation(it, q)
	case q.User != "":
		user := userKeyOf(q.User)
		return byIndex(it, append(user[:], activationKind), q.After), nil
	case q.State != "":
		return byIndex(it, appendIndexPrefix(nil, stateKind, string(q.State)), q.After), nil
	case q.Service != "":
		return byIndex(it, appendIndexPrefix(nil, serviceKind, q.Service), q.After), nil
	}
	return byID(it, q.After), nil
}

func byAssociation(it *pebble.Iterator, q *store.Query) (func() (steps.ID, bool), error) {
	var ids []steps.ID
	prefix := appendBindingPrefix(nil, q.Association)
	for ok := it.SeekGE(prefix); ok && bytes.HasPrefix(it.Key(), prefix); ok = it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return nil, fromPebble(err)
		}
		id, err := bindingID(value)
		if err != nil {
			return nil, err
		}
		if id > q.After {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return func() (steps.ID, bool) {
		if len(ids) == 0 {
			return 0, false
		}
		id := ids[0]
		ids = ids[1:]
		return id, true
	}, nil
}

// byIndex walks the IDs behind what their keys begin with.
func byIndex(it *pebble.Iterator, prefix []byte, after steps.ID) func() (steps.ID, bool) {
	ok := it.SeekGE(binary.BigEndian.AppendUint64(bytes.Clone(prefix), uint64(after+1)))
	return func() (steps.ID, bool) {
		if !ok || len(it.Key()) != len(prefix)+idLen || !bytes.HasPrefix(it.Key(), prefix) {
			return 0, false
		}
		id := indexKeyID(it.Key())
		ok = it.Next()
		return id, true
	}
}

func byID(it *pebble.Iterator, after steps.ID) func() (steps.ID, bool) {
	var key []byte
	return func() (steps.ID, bool) {
		key = appendChangePrefix(key[:0], after+1)
		if !it.SeekGE(key) || it.Key()[0] != changeKind {
			return 0, false
		}
		after = changeKeyID(it.Key())
		return after, true
	}
}

package pebblestore

import (
	"cmp"
	"math"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// note is where a change, or several, led an activation: what the index has to
// know of it.
type note struct {
	move
	transition
}

// transition is how a change, or several, moved an activation.
type transition struct {
	before, after steps.State
	due           int64  // afterwards, in Unix milliseconds, or never
	user, service string // of a new one; "": it is not new, or has none
}

// never is when an activation is due that does not change by itself.
const never = math.MinInt64

func dueOf(a *steps.Activation) int64 {
	due := a.Due()
	if due.IsZero() {
		return never
	}
	return due.UnixMilli()
}

func transitionOf(c *store.Change) transition {
	t := transition{before: c.Entries[0].Before, after: c.Activation.State, due: dueOf(&c.Activation)}
	if c.From == 0 {
		t.user, t.service = c.Activation.User, c.Activation.Service
	}
	return t
}

// sumUp makes one note an activation, in the order of their IDs.
func sumUp(notes []note) []note {
	at := make(map[steps.ID]int, len(notes))
	sums := notes[:0]
	for _, n := range notes {
		if i, ok := at[n.id]; ok {
			sums[i].to, sums[i].after, sums[i].due = n.to, n.after, n.due
			continue
		}
		at[n.id] = len(sums)
		sums = append(sums, n)
	}
	slices.SortFunc(sums, func(a, b note) int { return cmp.Compare(a.id, b.id) })
	return sums
}

// putState puts the key of the state in the place of the one before.
func (n *note) putState(b *pebble.Batch) error {
	var space [128]byte
	if n.before != "" && n.before != n.after {
		if err := b.Delete(appendIndexKey(space[:0], stateKind, string(n.before), n.id), nil); err != nil {
			return err
		}
	}
	return b.Set(appendIndexKey(space[:0], stateKind, string(n.after), n.id), nil, nil)
}

// putDue puts the key of when the activation is due in the place of the one from
// before.
func (n *note) putDue(b *pebble.Batch, before int64) error {
	var space [dueKeyLen]byte
	if before != never && before != n.due {
		if err := b.Delete(appendDueKey(space[:0], before, n.id), nil); err != nil {
			return err
		}
	}
	if n.due == never {
		return nil
	}
	return b.Set(appendDueKey(space[:0], n.due, n.id), nil, nil)
}

// putService puts the key of the service of a new activation.
func (n *note) putService(b *pebble.Batch) error {
	if n.service == "" {
		return nil
	}
	var space [128]byte
	return b.Set(appendIndexKey(space[:0], serviceKind, n.service, n.id), nil, nil)
}

// putUser puts the key of the user of a new activation.
func (n *note) putUser(b *pebble.Batch) error {
	if n.user == "" {
		return nil
	}
	var space [64]byte
	user := userKeyOf(n.user)
	return b.Set(appendUserActivationKey(space[:0], &user, n.id), nil, nil)
}

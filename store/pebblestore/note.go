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

// put adds the keys that follow from the note to a batch, in the place of those
// from before it.
func (n *note) put(b *pebble.Batch, dueBefore int64) error {
	var space [128]byte
	if n.before != "" && n.before != n.after {
		if err := b.Delete(appendIndexKey(space[:0], stateKind, string(n.before), n.id), nil); err != nil {
			return err
		}
	}
	if err := b.Set(appendIndexKey(space[:0], stateKind, string(n.after), n.id), nil, nil); err != nil {
		return err
	}
	if dueBefore != never && dueBefore != n.due {
		if err := b.Delete(appendDueKey(space[:0], dueBefore, n.id), nil); err != nil {
			return err
		}
	}
	if n.due != never {
		if err := b.Set(appendDueKey(space[:0], n.due, n.id), nil, nil); err != nil {
			return err
		}
	}
	if n.service != "" {
		if err := b.Set(appendIndexKey(space[:0], serviceKind, n.service, n.id), nil, nil); err != nil {
			return err
		}
	}
	if n.user != "" {
		user := userKeyOf(n.user)
		return b.Set(appendUserActivationKey(space[:0], &user, n.id), nil, nil)
	}
	return nil
}

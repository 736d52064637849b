package associations

import (
	"slices"

	"github.com/stepgate/stepgate/steps"
)

// index is associations by their ids, and by whose they are. It is not safe for
// concurrent use.
type index struct {
	byID    map[string]steps.Association
	byOwner map[owner][]string // the ids of a user with a vehicle
}

type owner struct{ user, vin string }

func newIndex() index {
	return index{byID: make(map[string]steps.Association), byOwner: make(map[owner][]string)}
}

// put makes associations known, the last of an id counting.
func (x *index) put(associations []steps.Association) {
	for _, a := range associations {
		x.remove(a.ID)
		x.byID[a.ID] = a
		o := owner{a.User, a.VIN}
		x.byOwner[o] = append(x.byOwner[o], a.ID)
	}
}

// remove forgets an association, where there is one of the id.
func (x *index) remove(id string) {
	a, known := x.byID[id]
	if !known {
		return
	}
	delete(x.byID, id)
	o := owner{a.User, a.VIN}
	x.byOwner[o] = slices.DeleteFunc(x.byOwner[o], func(other string) bool { return other == id })
	if len(x.byOwner[o]) == 0 {
		delete(x.byOwner, o)
	}
}

// of returns the ids of a user's associations, and those of all others, each in
// order.
func (x *index) of(user string) (own, others []string) {
	for id, a := range x.byID {
		if a.User == user {
			own = append(own, id)
		} else {
			others = append(others, id)
		}
	}
	slices.Sort(own)
	slices.Sort(others)
	return own, others
}

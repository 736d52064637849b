package storetest

import (
	"bytes"
	"math"
	"strings"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// variant is a history that holds something that a store could lose. The walk
// that make is given is not yet created.
type variant struct {
	name string
	plan int // how many steps the plan has; 0: those of the source text
	make func(w *Walk) []store.Change
}

// Texts at the limits, in bytes, of characters of one to four bytes each.
var (
	longASCII   = strings.Repeat("x", steps.MaxText)
	longUnicode = strings.Repeat("é漢🚗z", steps.MaxText/10) + "Ünïc"
	longReason  = strings.Repeat("🔑ключ", steps.MaxReason/12) + "🔑"
	hardText    = "a b/c:d|e,f'g\"h\\i%j_k{l}m<n>o;p\u00a0q\u202er\u0301s"
	longName    = strings.Repeat("s", 64)
)

var greatestSalt = steps.Salt(bytes.Repeat([]byte{0xff}, len(steps.Salt{})))

// Times at the edges, all to the millisecond.
var edgeTimes = []struct {
	name string
	at   time.Time
}{
	{"at the Unix epoch", time.UnixMilli(0).UTC()},
	{"a millisecond before the Unix epoch", time.UnixMilli(-1).UTC()},
	{"a millisecond after the Unix epoch", time.UnixMilli(1).UTC()},
	{"in the year 1", time.Time{}.Add(time.Millisecond)},
	{"in the year 9999", time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)},
}

// variants returns all of them.
func variants() []variant {
	all := activationVariants()
	all = append(all, entryVariants()...)
	all = append(all, textVariants()...)
	all = append(all, originVariants()...)
	all = append(all, ruleVariants()...)
	all = append(all, timeVariants()...)
	return append(all, tableVariants()...)
}

// activationVariants are about the members of Activation.
func activationVariants() []variant {
	identity := func(name string, alter func(a *steps.Activation)) variant {
		return variant{name: name, make: func(w *Walk) []store.Change {
			alter(&w.Activation)
			return []store.Change{w.Create(), w.Complete()}
		}}
	}
	return []variant{
		{name: "created", make: func(w *Walk) []store.Change { return []store.Change{w.Create()} }},
		{name: "half way", make: func(w *Walk) []store.Change {
			return []store.Change{w.Create(), w.Complete(), w.Complete()}
		}},
		{name: "activated", make: func(w *Walk) []store.Change {
			return []store.Change{w.Create(), w.Complete(), w.Complete(), w.Complete()}
		}},
		{name: "cancelled", make: func(w *Walk) []store.Change {
			return []store.Change{w.Create(), w.Complete(), w.Cancel()}
		}},
		{name: "in its third epoch", make: func(w *Walk) []store.Change {
			return []store.Change{w.Create(), w.Complete(), w.Reset(), w.Reset(), w.Complete()}
		}},
		{name: "a plan of 1 step", plan: 1, make: func(w *Walk) []store.Change {
			return []store.Change{w.Create(), w.Complete()}
		}},
		{name: "a plan of 64 steps, none done", plan: steps.MaxSteps, make: func(w *Walk) []store.Change {
			return []store.Change{w.Create()}
		}},
		{name: "a plan of 64 steps, all done", plan: steps.MaxSteps, make: func(w *Walk) []store.Change {
			changes := []store.Change{w.Create()}
			for range steps.MaxSteps {
				changes = append(changes, w.Complete())
			}
			return []store.Change{Join(changes...)}
		}},
		identity("the least ID", func(a *steps.Activation) { a.StepsID = 1 }),
		identity("the greatest ID", func(a *steps.Activation) { a.StepsID = steps.MaxID }),
		identity("the greatest version of a plan", func(a *steps.Activation) { a.Plan = math.MaxUint32 }),
		identity("the greatest epoch", func(a *steps.Activation) { a.Epoch = math.MaxUint32 }),
		identity("no salt", func(a *steps.Activation) { a.Salt = steps.Salt{} }),
		identity("the greatest salt", func(a *steps.Activation) { a.Salt = greatestSalt }),
		identity("no user", func(a *steps.Activation) { a.User = "" }),
		identity("no device", func(a *steps.Activation) { a.Device = "" }),
		identity("no vehicle", func(a *steps.Activation) { a.VIN = "" }),
		identity("a carAssociationID of digits", func(a *steps.Activation) { a.Association = "0987654" }),
		identity("a user alike to the device", func(a *steps.Activation) { a.User = a.Device }),
		identity("long names", func(a *steps.Activation) { a.Service = longName }),
		identity("long texts", func(a *steps.Activation) {
			a.Association, a.User, a.Device, a.VIN = longASCII, longASCII, longASCII, longASCII
		}),
		identity("long unicode texts", func(a *steps.Activation) {
			a.Association, a.User, a.Device, a.VIN = longUnicode, longUnicode, longUnicode, longUnicode
		}),
		identity("texts with marks", func(a *steps.Activation) {
			a.Association, a.User, a.Device, a.VIN = hardText, hardText, hardText, hardText
		}),
	}
}

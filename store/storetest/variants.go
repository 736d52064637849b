package storetest

import (
	"fmt"
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

// recorded makes a variant of one entry behind the creation, as altered.
func recorded(name string, alter func(entry *steps.Entry)) variant {
	return variant{name: name, make: func(w *Walk) []store.Change {
		creation := w.Create()
		entry := w.event(steps.Failed, steps.TrustedPhone)
		alter(&entry)
		return []store.Change{creation, w.Record(entry)}
	}}
}

// entryVariants are about the members of Entry that may be absent.
func entryVariants() []variant {
	all := []variant{
		recorded("no event", func(entry *steps.Entry) { entry.Event = steps.EventKey{} }),
		recorded("no steps", func(entry *steps.Entry) { entry.Steps = nil }),
		recorded("empty steps", func(entry *steps.Entry) { entry.Steps = []string{} }),
		recorded("several steps", func(entry *steps.Entry) {
			entry.Steps = []string{steps.MediumCarKey, "trusterPhoneNumber", steps.TrustedPhone}
		}),
		recorded("64 steps", func(entry *steps.Entry) { entry.Steps = StepNames(steps.MaxSteps) }),
		recorded("steps of long unicode names", func(entry *steps.Entry) {
			entry.Steps = []string{longUnicode, hardText, longASCII}
		}),
		recorded("no claimed epoch", func(entry *steps.Entry) { entry.Claimed = nil }),
		recorded("the claimed epoch 0", func(entry *steps.Entry) { entry.Claimed = new(uint32) }),
		recorded("the claimed epoch 1", func(entry *steps.Entry) { entry.Claimed = new(uint32(1)) }),
		recorded("the greatest claimed epoch", func(entry *steps.Entry) { entry.Claimed = new(uint32(math.MaxUint32)) }),
		recorded("not told when", func(entry *steps.Entry) { entry.Told = time.Time{} }),
		recorded("told the moment it was judged", func(entry *steps.Entry) { entry.Told = entry.At }),
		recorded("told after it was judged", func(entry *steps.Entry) { entry.Told = entry.At.Add(time.Hour) }),
		recorded("nothing but its kind", func(entry *steps.Entry) {
			*entry = steps.Entry{Kind: steps.Failed, Outcome: steps.Applied}
		}),
	}
	for _, edge := range edgeTimes {
		all = append(all, recorded("told "+edge.name, func(entry *steps.Entry) { entry.Told = edge.at }))
	}
	for _, ms := range []int{0, 1, 10, 999} {
		all = append(all, recorded(fmt.Sprintf("judged %d ms behind a second", ms), func(entry *steps.Entry) {
			entry.At = begin.Add(time.Hour + time.Duration(ms)*time.Millisecond)
		}))
	}
	return all
}

// textVariants are about each text of an Entry.
func textVariants() []variant {
	texts := []struct {
		name  string
		place func(entry *steps.Entry) *string
		long  string
	}{
		{"source", func(entry *steps.Entry) *string { return &entry.Event.Source }, longUnicode},
		{"event id", func(entry *steps.Entry) *string { return &entry.Event.ID }, longUnicode},
		{"actor", func(entry *steps.Entry) *string { return &entry.Actor }, longUnicode},
		{"caller", func(entry *steps.Entry) *string { return &entry.Caller }, longUnicode},
		{"channel", func(entry *steps.Entry) *string { return &entry.Channel }, longUnicode},
		{"comment", func(entry *steps.Entry) *string { return &entry.Comment }, longReason},
	}
	var all []variant
	for _, text := range texts {
		for _, value := range []struct{ name, text string }{
			{"none", ""},
			{"at its limit", text.long},
			{"with marks", hardText},
		} {
			all = append(all, recorded(text.name+" "+value.name, func(entry *steps.Entry) {
				*text.place(entry) = value.text
			}))
		}
	}
	return all
}

// tableVariants are about each value of the members that have a few.
func tableVariants() []variant {
	var all []variant
	for _, m := range moves {
		all = append(all, variant{name: "the kind of a " + m.name, make: func(w *Walk) []store.Change {
			return []store.Change{w.Create(), m.move(w)}
		}})
	}
	for _, outcome := range []steps.Outcome{steps.Applied, steps.Held, steps.Refused} {
		all = append(all, recorded("the outcome "+outcome.String(), func(entry *steps.Entry) { entry.Outcome = outcome }))
	}
	for _, reason := range []steps.Refusal{
		steps.OutOfOrder, steps.DoneAlready, steps.Stale, steps.EpochAhead, steps.UnknownStep, steps.IsCancelled,
		"aReasonOfTheNextVersion",
	} {
		all = append(all, recorded("the reason "+string(reason), func(entry *steps.Entry) {
			entry.Outcome, entry.Reason = steps.Refused, reason
		}))
	}
	return all
}

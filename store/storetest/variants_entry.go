package storetest

import (
	"fmt"
	"math"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

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
		recorded("the greatest plan and the greatest revision before", func(entry *steps.Entry) {
			entry.Plan, entry.Of = math.MaxUint32, math.MaxUint32
		}),
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
	for kind := steps.Created; kind <= steps.Erased; kind++ {
		all = append(all, recorded("the kind "+kind.String(), func(entry *steps.Entry) { entry.Kind = kind }))
	}
	for _, outcome := range []steps.Outcome{steps.Applied, steps.Held, steps.Refused} {
		all = append(all, recorded("the outcome "+outcome.String(), func(entry *steps.Entry) { entry.Outcome = outcome }))
	}
	for _, reason := range []steps.Refusal{
		steps.OutOfOrder, steps.DoneAlready, steps.Stale, steps.EpochAhead, steps.UnknownStep, steps.IsCancelled,
		steps.Locked, steps.NotConfirmed, steps.NotProven, steps.HoldFull, steps.IsExpired, steps.UnknownPlan,
		"aReasonOfTheNextVersion",
	} {
		all = append(all, recorded("the reason "+string(reason), func(entry *steps.Entry) {
			entry.Outcome, entry.Reason = steps.Refused, reason
		}))
	}
	return all
}

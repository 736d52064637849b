package storetest

import (
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// ruleVariants are about what the rules beyond completion leave in an
// activation and its history.
func ruleVariants() []variant {
	all := []variant{
		{name: "two held, one of them of two steps", make: func(w *Walk) []store.Change {
			creation, held := w.Create(), w.Hold(steps.MediumCarKey)
			two := w.event(steps.Completed, steps.DeviceActivation, steps.MediumCarKey)
			two.Outcome, two.Until = steps.Held, two.At.Add(holdTTL)
			w.Activation.Held = append(w.Activation.Held[:1:1], steps.HeldCompletion{
				Revision: w.Activation.Revision + 1, Steps: two.Steps, Until: two.Until,
			})
			return []store.Change{creation, held, w.add(two)}
		}},
		{name: "as many held as may", make: func(w *Walk) []store.Change {
			changes := []store.Change{w.Create()}
			for range steps.MaxTries {
				changes = append(changes, w.Hold(steps.MediumCarKey))
			}
			return []store.Change{Join(changes...)}
		}},
		{name: "two held, of which the first was absorbed", make: func(w *Walk) []store.Change {
			return []store.Change{
				w.Create(), w.Hold(steps.DeviceActivation), w.Hold(steps.MediumCarKey), Join(w.Complete(), w.Absorb()),
			}
		}},
		{name: "held, then reset", make: func(w *Walk) []store.Change {
			return []store.Change{w.Create(), w.Hold(steps.MediumCarKey), w.Reset()}
		}},
		{name: "locked without an end", make: func(w *Walk) []store.Change {
			creation := w.Create()
			entry := w.event(steps.Completed, steps.TrustedPhone)
			entry.Outcome, entry.Reason = steps.Refused, steps.Locked
			return []store.Change{creation, w.Record(entry)}
		}},
		{name: "activated, and locked again by a plan of more steps", make: func(w *Walk) []store.Change {
			return []store.Change{
				w.Create(), Join(w.Complete(), w.Complete(), w.Complete()),
				w.Move(2, append(StepNames(3), w.Names...)...), w.Complete(),
			}
		}},
		{name: "moved to 64 steps, and back to 1", make: func(w *Walk) []store.Change {
			return []store.Change{
				w.Create(), w.Complete(), w.Move(2, StepNames(steps.MaxSteps)...), w.Complete(), w.Move(3, steps.MediumCarKey),
			}
		}},
		{name: "expired, then reset", make: func(w *Walk) []store.Change {
			w.Activation.Deadline = w.now.Add(time.Hour)
			return []store.Change{w.Create(), w.Complete(), w.Expire(), w.Reset()}
		}},
		{name: "revoked, then proven again", make: func(w *Walk) []store.Change {
			return []store.Change{w.Create(), w.Complete(), w.Revoke(steps.TrustedPhone), w.Complete()}
		}},
		{name: "proven with an end and with none", make: func(w *Walk) []store.Change {
			creation := w.Create()
			w.TTL = 90 * 24 * time.Hour
			first := w.Complete()
			w.TTL = 0
			return []store.Change{creation, first, w.Complete()}
		}},
	}
	for _, m := range moves {
		all = append(all, variant{name: "the kind of a " + m.name, make: func(w *Walk) []store.Change {
			return []store.Change{w.Create(), m.move(w)}
		}})
	}
	return all
}

// timeVariants are about the times until which something counts, at the edges.
func timeVariants() []variant {
	places := []struct {
		name  string
		place func(a *steps.Activation) *time.Time
	}{
		{"a deadline", func(a *steps.Activation) *time.Time { return &a.Deadline }},
		{"a proof at", func(a *steps.Activation) *time.Time { return &a.Proofs[0].At }},
		{"a proof until", func(a *steps.Activation) *time.Time { return &a.Proofs[0].Until }},
		{"held until", func(a *steps.Activation) *time.Time { return &a.Held[0].Until }},
	}
	var all []variant
	for _, edge := range edgeTimes {
		for _, p := range places {
			all = append(all, variant{name: p.name + " " + edge.name, make: func(w *Walk) []store.Change {
				before := []store.Change{w.Create(), w.Complete(), w.Hold(steps.MediumCarKey)}
				w.Activation = copyActivation(w.Activation)
				*p.place(&w.Activation) = edge.at
				return append(before, w.Fail())
			}})
		}
		all = append(all, recorded("an entry until "+edge.name, func(entry *steps.Entry) { entry.Until = edge.at }))
	}
	return all
}

// originVariants are about where a step was proven that is inherited.
func originVariants() []variant {
	inherited := func(name string, alter func(origin *steps.Origin)) variant {
		return variant{name: "inherited from " + name, make: func(w *Walk) []store.Change {
			creation := w.Create()
			known := w.Evidence(steps.TrustedPhone)
			known.Origin = steps.Origin{StepsID: 132324, Event: steps.EventID("sms", "e-1"), At: begin}
			alter(&known.Origin)
			return []store.Change{creation, w.Inherit(known)}
		}}
	}
	all := []variant{
		inherited("another activation", func(*steps.Origin) {}),
		inherited("the greatest ID", func(origin *steps.Origin) { origin.StepsID = steps.MaxID }),
		inherited("no event", func(origin *steps.Origin) { origin.Event = steps.EventKey{} }),
		inherited("an event of long texts", func(origin *steps.Origin) {
			origin.Event = steps.EventID(longUnicode, longASCII)
		}),
		inherited("an event with marks", func(origin *steps.Origin) { origin.Event = steps.EventID(hardText, hardText) }),
	}
	for _, edge := range edgeTimes {
		all = append(all, inherited("a proof "+edge.name, func(origin *steps.Origin) { origin.At = edge.at }))
	}
	return all
}

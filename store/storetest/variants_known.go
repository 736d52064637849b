package storetest

import (
	"math"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// evidenceVariant is evidence that holds something that a store could lose.
type evidenceVariant struct {
	name  string
	alter func(proven *steps.Evidence)
}

// evidenceVariants are about each member of Evidence.
func evidenceVariants() []evidenceVariant {
	all := []evidenceVariant{
		{"without an end", func(proven *steps.Evidence) { proven.Until = time.Time{} }},
		{"without an event", func(proven *steps.Evidence) { proven.Event = steps.EventKey{} }},
		{"of the greatest ID", func(proven *steps.Evidence) { proven.StepsID = steps.MaxID }},
		{"of an activation alone", func(proven *steps.Evidence) { proven.Subject.StepsID = steps.MaxID }},
	}
	for _, edge := range edgeTimes {
		all = append(all,
			evidenceVariant{"until " + edge.name, func(proven *steps.Evidence) { proven.Until = edge.at }},
			evidenceVariant{"proven " + edge.name, func(proven *steps.Evidence) { proven.At = edge.at }},
		)
	}
	return all
}

// commitEvidence commits evidence with every member set, as altered.
func (e *env) commitEvidence(v evidenceVariant) steps.Evidence {
	e.Helper()
	w := e.created(1)[0]
	change := w.Fail()
	proven := w.Evidence(steps.DeviceActivation)
	proven.Subject.Device = hardText
	proven.Subject.User = longUnicode
	proven.Event = steps.EventID(longUnicode, hardText)
	v.alter(&proven)
	change.Proven = []steps.Evidence{proven}
	e.commit(change)
	return proven
}

// tallyVariant is a tally that holds something that a store could lose.
type tallyVariant struct {
	name  string
	alter func(t *steps.Tally)
}

// tallyVariants are about each member of Tally.
func tallyVariants() []tallyVariant {
	all := []tallyVariant{
		{"of one failure", func(t *steps.Tally) { t.Failures = t.Failures[:1] }},
		{"of no failure", func(t *steps.Tally) { t.Failures = nil }},
		{"of as many failures as may", func(t *steps.Tally) {
			t.Failures = nil
			for i := range steps.MaxTries {
				t.Failures = append(t.Failures, begin.Add(time.Duration(i*i)*time.Millisecond))
			}
		}},
		{"of failures at one time", func(t *steps.Tally) { t.Failures = []time.Time{begin, begin, begin} }},
		{"not locked", func(t *steps.Tally) { t.Opens = time.Time{} }},
		{"spent for good", func(t *steps.Tally) { t.Opens, t.Spent = time.Time{}, true }},
		{"that was unlocked", func(t *steps.Tally) {
			*t = steps.Tally{Subject: t.Subject, Revision: t.Revision + 1}
		}},
		{"at the greatest revision", func(t *steps.Tally) { t.Revision = math.MaxUint32 }},
		{"of the greatest total", func(t *steps.Tally) { t.Total = math.MaxInt }},
		{"of an activation alone", func(t *steps.Tally) { t.Subject.StepsID = steps.MaxID }},
		{"of a vehicle", func(t *steps.Tally) { t.Subject.Device, t.Subject.VIN = "", hardText }},
	}
	for _, edge := range edgeTimes {
		all = append(all,
			tallyVariant{"that opens " + edge.name, func(t *steps.Tally) { t.Opens = edge.at }},
			tallyVariant{"of a failure " + edge.name, func(t *steps.Tally) { t.Failures = []time.Time{edge.at} }},
		)
	}
	return all
}

// commitTally commits a tally with every member set, as altered.
func (e *env) commitTally(v tallyVariant) steps.Tally {
	e.Helper()
	w := e.created(1)[0]
	change := w.Fail()
	counted := w.Tally(steps.DeviceActivation, 3)
	counted.Subject.Device = hardText
	counted.Subject.User = longUnicode
	v.alter(&counted)
	change.Tallies = []steps.Tally{counted}
	e.commit(change)
	return counted
}

package storetest

import (
	"slices"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Join makes one change of changes that follow each other, which rests on what
// the first of them does.
func Join(changes ...store.Change) store.Change {
	first, last := &changes[0], &changes[len(changes)-1]
	joined := store.Change{From: first.From, Rests: first.Rests, Activation: last.Activation}
	for i := range changes {
		c := &changes[i]
		joined.Entries = append(joined.Entries, c.Entries...)
		joined.Withdrawn = append(joined.Withdrawn, c.Withdrawn...)
		joined.Proven = slices.DeleteFunc(joined.Proven, func(proven steps.Evidence) bool {
			return slices.Contains(c.Withdrawn, proven.Subject) || slices.ContainsFunc(c.Proven, isOf(proven.Subject))
		})
		joined.Proven = append(joined.Proven, c.Proven...)
		joined.Tallies = slices.DeleteFunc(joined.Tallies, func(t steps.Tally) bool {
			return slices.ContainsFunc(c.Tallies, func(newer steps.Tally) bool { return newer.Subject == t.Subject })
		})
		joined.Tallies = append(joined.Tallies, c.Tallies...)
	}
	return joined
}

// isOf returns what reports whether evidence is of a subject.
func isOf(subject steps.Subject) func(steps.Evidence) bool {
	return func(proven steps.Evidence) bool { return proven.Subject == subject }
}

// copyChanges returns changes that share no slice with the given ones.
func copyChanges(changes []store.Change) []store.Change {
	copies := slices.Clone(changes)
	for i := range copies {
		c := &copies[i]
		c.Rests.Evidence = slices.Clone(c.Rests.Evidence)
		c.Rests.Tallies = copyTallies(c.Rests.Tallies)
		c.Activation = copyActivation(c.Activation)
		c.Entries = copyEntries(c.Entries)
		c.Proven = slices.Clone(c.Proven)
		c.Withdrawn = slices.Clone(c.Withdrawn)
		c.Tallies = copyTallies(c.Tallies)
	}
	return copies
}

// copyErasures returns erasures that share no slice with the given ones.
func copyErasures(erasures []store.Erasure) []store.Erasure {
	copies := slices.Clone(erasures)
	for i := range copies {
		e := &copies[i]
		e.Activation = copyActivation(e.Activation)
		e.Entries = copyEntries(e.Entries)
		e.Subjects = slices.Clone(e.Subjects)
	}
	return copies
}

func copyActivation(a steps.Activation) steps.Activation {
	a.Proofs = slices.Clone(a.Proofs)
	a.Held = slices.Clone(a.Held)
	for i := range a.Held {
		a.Held[i].Steps = slices.Clone(a.Held[i].Steps)
	}
	return a
}

func copyEntries(entries []steps.Entry) []steps.Entry {
	entries = slices.Clone(entries)
	for i := range entries {
		entries[i].Steps = slices.Clone(entries[i].Steps)
	}
	return entries
}

func copyTallies(tallies []steps.Tally) []steps.Tally {
	tallies = slices.Clone(tallies)
	for i := range tallies {
		tallies[i].Failures = slices.Clone(tallies[i].Failures)
	}
	return tallies
}

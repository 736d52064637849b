package engine

import (
	"slices"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// effects are what decisions change besides their activation, and what they
// rest on there.
type effects struct {
	proven    []steps.Evidence
	withdrawn []steps.Subject
	tallies   []steps.Tally
	rests     store.Rests
}

func (x *effects) none() bool {
	return len(x.proven)+len(x.withdrawn)+len(x.tallies)+len(x.rests.Evidence)+len(x.rests.Tallies) == 0
}

// overlay returns what is known once the effects have taken place.
func (x *effects) overlay(known *facts) *facts {
	if len(known.evidence)+len(known.tallies) == 0 || x.none() {
		return known
	}
	over := &facts{evidence: slices.Clone(known.evidence), tallies: slices.Clone(known.tallies), checks: known.checks, carried: known.carried}
	for i := range over.evidence {
		e := &over.evidence[i]
		if slices.Contains(x.withdrawn, e.Subject) {
			*e = steps.Evidence{Subject: e.Subject}
		}
		if p := findEvidence(x.proven, &e.Subject); p != nil {
			*e = *p
		}
	}
	for i := range over.tallies {
		t := &over.tallies[i]
		if now := findTally(x.tallies, &t.Subject); now != nil {
			*t = *now
		}
	}
	return over
}

// merge adds the effects of the next decision.
func (x *effects) merge(next *effects) {
	if x.none() {
		*x = *next
		return
	}
	for _, e := range next.rests.Evidence {
		if !x.touches(e.Subject) && findEvidence(x.rests.Evidence, &e.Subject) == nil {
			x.rests.Evidence = append(x.rests.Evidence, e)
		}
	}
	for _, t := range next.rests.Tallies {
		if findTally(x.tallies, &t.Subject) == nil {
			x.rests.Tallies = append(x.rests.Tallies, t)
		}
	}
	for _, e := range next.proven {
		x.prove(e)
	}
	for _, s := range next.withdrawn {
		x.withdraw(s)
	}
	for _, t := range next.tallies {
		x.tallies = slices.DeleteFunc(x.tallies, func(old steps.Tally) bool { return old.Subject == t.Subject })
		x.tallies = append(x.tallies, t)
	}
}

// touches reports whether the evidence of a subject is changed.
func (x *effects) touches(s steps.Subject) bool {
	return slices.Contains(x.withdrawn, s) || findEvidence(x.proven, &s) != nil
}

func (x *effects) prove(e steps.Evidence) {
	x.forget(e.Subject)
	x.proven = append(x.proven, e)
}

func (x *effects) withdraw(s steps.Subject) {
	x.forget(s)
	x.withdrawn = append(x.withdrawn, s)
}

func (x *effects) forget(s steps.Subject) {
	x.proven = slices.DeleteFunc(x.proven, func(e steps.Evidence) bool { return e.Subject == s })
	x.withdrawn = slices.DeleteFunc(x.withdrawn, func(old steps.Subject) bool { return old == s })
}

func findEvidence(known []steps.Evidence, s *steps.Subject) *steps.Evidence {
	for i := range known {
		if known[i].Subject == *s {
			return &known[i]
		}
	}
	return nil
}

func findTally(known []steps.Tally, s *steps.Subject) *steps.Tally {
	for i := range known {
		if known[i].Subject == *s {
			return &known[i]
		}
	}
	return nil
}

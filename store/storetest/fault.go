package storetest

import (
	"math/rand/v2"
	"time"
)

// Fault is what goes wrong in one call of a Faulty. The zero value: nothing.
type Fault struct {
	Kind  FaultKind
	Delay time.Duration // the call waits this long before it begins, unless its context ends first
	Keep  int           // for ShortBatch: how many of the changes are written
}

// FaultKind says how a call fails. FailBefore is about every method, FailAfter
// about Commit and Erase, and the others about Commit alone; other methods pass
// them by.
type FaultKind uint8

// The kinds.
const (
	// NoFault: the call reaches the store.
	NoFault FaultKind = iota
	// FailBefore: the call never reaches the store, and is ErrUnavailable.
	FailBefore
	// FailAfter: what the call brings is written all the same, and every result
	// that would be nil is ErrUnavailable.
	FailAfter
	// FailLate: every result is ErrUnavailable, and the changes are written when
	// the next Commit begins, those that are then still possible.
	FailLate
	// ShortBatch: the first Keep changes are written; every other result is
	// ErrUnavailable.
	ShortBatch
	// Overtaken: somebody else is faster. Where the first change of the batch is
	// an update, the activation is first moved on by a failed attempt at a step;
	// where it is a creation, its binding is first taken under another ID. The
	// store itself then refuses the change.
	Overtaken
)

// faultKinds is how many kinds there are.
const faultKinds = int(Overtaken) + 1

// Method is a method of store.Store that a Plan may let fail.
type Method string

// The methods.
const (
	Load     Method = "Load"
	Find     Method = "Find"
	History  Method = "History"
	Scan     Method = "Scan"
	Commit   Method = "Commit"
	Erase    Method = "Erase"
	Evidence Method = "Evidence"
	Tallies  Method = "Tallies"
	Due      Method = "Due"
	List     Method = "List"
	Changes  Method = "Changes"
)

// Plan says what goes wrong in the next call of a method. A Faulty asks it
// once a call, one call at a time.
type Plan func(method Method) Fault

// Script is a plan for the first calls of one method, in order. Nothing else
// fails.
func Script(method Method, faults ...Fault) Plan {
	return func(called Method) Fault {
		if called != method || len(faults) == 0 {
			return Fault{}
		}
		next := faults[0]
		faults = faults[1:]
		return next
	}
}

// Random is a plan in which about one call in n fails, in all the ways there
// are and with delays of up to longest. The same seed gives the same faults to
// the same order of calls.
func Random(seed uint64, n int, longest time.Duration) Plan {
	random := rand.New(rand.NewPCG(seed, 0))
	return func(method Method) Fault {
		if random.IntN(n) > 0 {
			return Fault{}
		}
		fault := Fault{Kind: FailBefore, Keep: random.IntN(4)}
		switch method {
		case Commit:
			fault.Kind = FaultKind(random.IntN(faultKinds))
		case Erase:
			fault.Kind += FaultKind(random.IntN(2)) // or FailAfter
		}
		if longest > 0 {
			fault.Delay = time.Duration(random.Int64N(int64(longest)))
		}
		return fault
	}
}

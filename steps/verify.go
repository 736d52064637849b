package steps

import (
	"fmt"
	"slices"
)

// HistoryFault is what is wrong with a history.
type HistoryFault struct {
	Revision uint32 // of the entry
	What     string // "changed", "missing" or "reordered"
}

// Error says which entry, and what is wrong with it.
func (f *HistoryFault) Error() string { return fmt.Sprintf("entry %d is %s", f.Revision, f.What) }

// VerifyHistory returns the first fault of the history of an activation, oldest
// entry first, as a *HistoryFault, or nil: each entry is there, in its place,
// and as it was written (contract, section 4). What is erased verifies by its
// digests. Whoever can write the whole chain anew can hide a change: keep the
// newest hash elsewhere, as every consumer of the feed does.
func VerifyHistory(a *Activation, entries []Entry) error {
	var prev Hash
	for i := range entries {
		e := &entries[i]
		expected := uint32(i) + 1
		switch {
		case e.Revision == expected:
		case slices.ContainsFunc(entries[i:], func(e Entry) bool { return e.Revision == expected }):
			return &HistoryFault{expected, "reordered"}
		case e.Revision > expected:
			return &HistoryFault{expected, "missing"}
		default:
			return &HistoryFault{e.Revision, "reordered"}
		}
		erased := a.State == StateErased && e.Kind != Erased
		if e.Chain(prev, a.StepsID, a.Salt) != e.Hash || erased != (e.Digest != Hash{}) || erased && !e.Payload.none() {
			return &HistoryFault{e.Revision, "changed"}
		}
		prev = e.Hash
	}
	switch last := uint32(len(entries)); {
	case last < a.Revision:
		return &HistoryFault{last + 1, "missing"}
	case prev != a.Hash:
		return &HistoryFault{last, "changed"}
	}
	return nil
}

package storetest

import (
	"slices"
	"testing"

	"github.com/stepgate/stepgate/store"
)

// reopenForgetting opens a journal again without what forget drops.
func reopenForgetting(forget func([]written) []written) func(testing.TB, store.Store) store.Store {
	return func(tb testing.TB, closed store.Store) store.Store { return reopenJournal(tb, closed, forget) }
}

// neverReopen returns the store as it was closed.
func neverReopen(_ testing.TB, closed store.Store) store.Store { return closed }

func everything([]written) []written { return nil }

func lastWrite(kept []written) []written { return kept[:max(len(kept)-1, 0)] }

func allErasures(kept []written) []written {
	return slices.DeleteFunc(slices.Clone(kept), func(w written) bool { return w.erasure != nil })
}

// forgetting returns what drops a part of each change.
func forgetting(part func(c *store.Change)) func([]written) []written {
	return func(kept []written) []written {
		kept = slices.Clone(kept)
		for i := range kept {
			part(&kept[i].change)
		}
		return kept
	}
}

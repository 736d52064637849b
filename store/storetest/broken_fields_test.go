package storetest

import (
	"context"
	"strings"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// altered is a store that alters each entry before it keeps it.
type altered struct {
	store.Store
	alter func(entry *steps.Entry)
}

func altering(alter func(entry *steps.Entry)) func(store.Store) store.Store {
	return func(st store.Store) store.Store { return altered{st, alter} }
}

func (s altered) Commit(ctx context.Context, changes []store.Change) []error {
	changes = copyChanges(changes)
	for i := range changes {
		for j := range changes[i].Entries {
			s.alter(&changes[i].Entries[j])
		}
	}
	return s.Store.Commit(ctx, changes)
}

func dropsClaimedZero(entry *steps.Entry) {
	if entry.Claimed != nil && *entry.Claimed == 0 {
		entry.Claimed = nil
	}
}

func dropsUnixEpoch(entry *steps.Entry) {
	if entry.Told.Equal(time.UnixMilli(0)) {
		entry.Told = time.Time{}
	}
}

func cutsToSeconds(entry *steps.Entry) { entry.At = entry.At.Truncate(time.Second) }

func cutsTexts(entry *steps.Entry) {
	for _, text := range []*string{&entry.Event.Source, &entry.Comment} {
		if len(*text) > 255 {
			*text = strings.ToValidUTF8((*text)[:255], "")
		}
	}
}

package engine_test

import (
	"bytes"
	"context"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/memstore"
	"github.com/stepgate/stepgate/store/wire"
)

// replays looks for a record that its history, run through the rules, does not
// give byte for byte.
func (w *walk) replays(histories map[steps.ID][]steps.Entry) {
	for id, history := range histories {
		stored, err := w.store.Load(w.ctx, []steps.ID{id})
		if err != nil {
			w.differ("replay", "%v", err)
			return
		}
		w.replay(&stored[0], history)
	}
	v, err := w.engine.Verify(w.ctx, operator, 0, store.MaxLimit)
	if err != nil || len(v.Faults) > 0 || v.Activations != len(histories) {
		w.differ("replay", "of %d activations: %+v %v", len(histories), v, err)
	}
}

func (w *walk) replay(stored *steps.Activation, history []steps.Entry) {
	replayed, err := engine.Replay(w.engine, stored, history)
	if err != nil {
		w.differ("replay", "of %d at %d: %v", stored.StepsID, stored.Revision, err)
		return
	}
	if !bytes.Equal(recordBytes(replayed, history), recordBytes(*stored, history)) {
		w.differ("replay", "of %d at %d: %s", stored.StepsID, stored.Revision, unequal(replayed, *stored))
	}
}

// recordBytes is an activation with its history as the stores keep it.
func recordBytes(a steps.Activation, history []steps.Entry) []byte {
	b, err := wire.AppendChange(nil, &store.Change{Activation: a, Entries: history})
	if err != nil {
		panic(err) // what was stored can be stored
	}
	return b
}

// recorder is a store that keeps every record that it was ever given.
type recorder struct {
	store.Store
	records []steps.Activation
}

func (r *recorder) Commit(ctx context.Context, changes []store.Change) []error {
	results := r.Store.Commit(ctx, changes)
	for i, err := range results {
		if err == nil {
			r.records = append(r.records, changes[i].Activation)
		}
	}
	return results
}

// TestReplay runs the histories of walks through the rules, up to every record
// that was ever stored.
func TestReplay(t *testing.T) {
	walks := 20
	if os.Getenv("STEPGATE_LONG") != "" {
		walks = 500
	}
	for seed := range walks {
		rec := &recorder{Store: memstore.New()}
		w := newWalk(rec, "", seeded(seed))
		w.play(walkLength)
		require.NotEmpty(t, rec.records)
		for i := range rec.records {
			stored := &rec.records[i]
			history, err := w.engine.History(w.ctx, operator, stored.StepsID)
			require.NoError(t, err)
			w.replay(stored, history[:stored.Revision])
		}
		if w.diff != nil {
			t.Fatal(w.diff.text)
		}
		w.close()
	}
}

// tampered is a store whose first activation was altered behind the engine's
// back.
type tampered struct {
	store.Store
	alter func(*store.Scanned)
}

func (s tampered) Scan(ctx context.Context, after steps.ID, limit int) ([]store.Scanned, error) {
	found, err := s.Store.Scan(ctx, after, limit)
	if len(found) > 0 {
		found[0].Activation.Proofs = slices.Clone(found[0].Activation.Proofs)
		found[0].Activation.Held = slices.Clone(found[0].Activation.Held)
		found[0].Entries = slices.Clone(found[0].Entries)
		s.alter(&found[0])
	}
	return found, err
}

// rechained makes the chain of hashes fit an altered history again, as whoever
// can write the whole of it could.
func rechained(s *store.Scanned) {
	var prev steps.Hash
	for i := range s.Entries {
		s.Entries[i].Hash = s.Entries[i].Chain(prev, s.StepsID, s.Activation.Salt)
		prev = s.Entries[i].Hash
	}
	s.Activation.Hash = prev
}

// TestReplayControls alters one thing of a stored activation at a time: Verify
// finds each, and nothing where nothing was altered.
func TestReplayControls(t *testing.T) {
	w := storyWalk(t)
	const completed, overridden = 1, 2 // places in the history
	alterations := map[string]func(*store.Scanned){
		"time":      func(s *store.Scanned) { s.Entries[completed].At = s.Entries[completed].At.Add(time.Millisecond) },
		"kind":      func(s *store.Scanned) { s.Entries[completed].Kind = steps.Failed },
		"outcome":   func(s *store.Scanned) { s.Entries[completed].Outcome = steps.Refused },
		"reason":    func(s *store.Scanned) { s.Entries[completed].Reason = steps.Stale },
		"before":    func(s *store.Scanned) { s.Entries[completed].Before = "pin" },
		"after":     func(s *store.Scanned) { s.Entries[completed].After = "pin" },
		"epoch":     func(s *store.Scanned) { s.Entries[completed].Epoch++ },
		"plan":      func(s *store.Scanned) { s.Entries[completed].Plan++ },
		"of":        func(s *store.Scanned) { s.Entries[completed].Of++ },
		"until":     func(s *store.Scanned) { s.Entries[completed].Until = w.now },
		"event":     func(s *store.Scanned) { s.Entries[completed].Event.ID += "x" },
		"steps":     func(s *store.Scanned) { s.Entries[completed].Steps = []string{"pin"} },
		"claimed":   func(s *store.Scanned) { s.Entries[completed].Claimed = new(uint32) },
		"told":      func(s *store.Scanned) { s.Entries[completed].Told = w.now },
		"actor":     func(s *store.Scanned) { s.Entries[overridden].Actor = "mallory" },
		"comment":   func(s *store.Scanned) { s.Entries[overridden].Comment = "" },
		"caller":    func(s *store.Scanned) { s.Entries[overridden].Caller = "mallory" },
		"channel":   func(s *store.Scanned) { s.Entries[overridden].Channel = "" },
		"origin":    func(s *store.Scanned) { s.Entries[completed].Origin.StepsID++ },
		"missing":   func(s *store.Scanned) { s.Entries = slices.Delete(s.Entries, completed, completed+1) },
		"last":      func(s *store.Scanned) { s.Entries = s.Entries[:len(s.Entries)-1] },
		"reordered": func(s *store.Scanned) { s.Entries[1], s.Entries[2] = s.Entries[2], s.Entries[1] },

		"state":         func(s *store.Scanned) { s.Activation.State = steps.StateActivated },
		"since":         func(s *store.Scanned) { s.Activation.Since = s.Activation.Since.Add(time.Millisecond) },
		"record epoch":  func(s *store.Scanned) { s.Activation.Epoch++ },
		"epoch's begin": func(s *store.Scanned) { s.Activation.EpochAt = s.Activation.EpochAt.Add(time.Millisecond) },
		"deadline":      func(s *store.Scanned) { s.Activation.Deadline = time.Time{} },
		"created":       func(s *store.Scanned) { s.Activation.Created = s.Activation.Created.Add(-time.Hour) },
		"record plan":   func(s *store.Scanned) { s.Activation.Plan++ },
		"revision":      func(s *store.Scanned) { s.Activation.Revision++ },
		"hash":          func(s *store.Scanned) { s.Activation.Hash[0]++ },
		"salt":          func(s *store.Scanned) { s.Activation.Salt[0]++ },
		"proof's time":  func(s *store.Scanned) { s.Activation.Proofs[0].At = w.now.Add(time.Hour) },
		"proof's end":   func(s *store.Scanned) { s.Activation.Proofs[0].Until = time.Time{} },
		"proof's entry": func(s *store.Scanned) { s.Activation.Proofs[0].Revision++ },
		"revoked":       func(s *store.Scanned) { s.Activation.Proofs[0].Revoked = true },
		"proven":        func(s *store.Scanned) { s.Activation.Proofs[3] = s.Activation.Proofs[0] },
		"held":          func(s *store.Scanned) { s.Activation.Held = nil },

		"kind, rechained":  func(s *store.Scanned) { s.Entries[completed].Kind = steps.Failed; rechained(s) },
		"steps, rechained": func(s *store.Scanned) { s.Entries[completed].Steps = []string{"pin"}; rechained(s) },
		"time, rechained":  func(s *store.Scanned) { s.Entries[completed].At = w.now.Add(time.Second); rechained(s) },
		"outcome, rechained": func(s *store.Scanned) {
			s.Entries[completed].Outcome, s.Entries[completed].Reason = steps.Refused, steps.Stale
			rechained(s)
		},
	}
	verify := func(alter func(*store.Scanned)) []engine.Fault {
		w.store = tampered{w.store, alter}
		defer func(st store.Store) { w.store = st }(w.store.(tampered).Store)
		w.restart(2)
		v, err := w.engine.Verify(w.ctx, operator, 0, 0)
		require.NoError(t, err)
		return v.Faults
	}
	require.Empty(t, verify(func(*store.Scanned) {}))
	for name, alter := range alterations {
		require.NotEmpty(t, verify(alter), name)
	}
}

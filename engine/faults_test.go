package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/memstore"
	"github.com/stepgate/stepgate/store/storetest"
)

// acknowledged is the verdicts that callers were given.
type acknowledged struct {
	mu       sync.Mutex
	verdicts map[steps.EventKey]steps.Verdict
	differ   []string
}

func (a *acknowledged) add(v steps.Verdict) {
	v.Duplicate = false
	a.mu.Lock()
	defer a.mu.Unlock()
	key := steps.EventID(v.Source, v.ID)
	if first, told := a.verdicts[key]; told && first != v {
		a.differ = append(a.differ, fmt.Sprintf("%v: first %+v, then %+v", key, first, v))
	}
	a.verdicts[key] = v
}

// drive has callers send events to a few activations through two engines on
// one store, each event until it has a verdict, and many of them twice.
func drive(t *testing.T, st store.Store, seed uint64) (*acknowledged, []steps.ID) {
	t.Helper()
	ctx := context.Background()
	engines := replicas(t, st, 2)
	ids := make([]steps.ID, 4)
	for i := range ids {
		ids[i] = untilDone(func() (steps.ID, error) {
			list, err := engines[0].Steps(ctx, phone, engine.StepsRequest{CarAssociationID: fmt.Sprint(i)})
			return list.StepsID, err
		})
	}
	names := []string{steps.TrustedPhone, steps.DeviceActivation, steps.MediumCarKey}
	acks := &acknowledged{verdicts: make(map[steps.EventKey]steps.Verdict)}
	var wg sync.WaitGroup
	for caller := range 16 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(seed, uint64(caller)))
			for range 40 {
				n := rnd.IntN(120)
				ev := steps.Completion(steps.EventID("sms", fmt.Sprint(n)), ids[n%len(ids)], names[n/len(ids)%len(names)])
				if n%7 == 0 {
					ev.Kind, ev.Steps = steps.Reset, nil
				}
				acks.add(untilDone(func() (steps.Verdict, error) {
					return engines[rnd.IntN(len(engines))].Handle(ctx, backend, ev)
				}))
			}
		})
	}
	wg.Wait()
	return acks, ids
}

// untilDone calls again as long as the answer is "send it again".
func untilDone[T any](call func() (T, error)) T {
	for {
		result, err := call()
		if !errors.Is(err, steps.ErrUnavailable) && !errors.Is(err, steps.ErrTimeout) {
			if err != nil {
				panic(err)
			}
			return result
		}
	}
}

// faults returns what contract section 3 says of a store that callers were
// given verdicts on, and that is not so.
func faults(t *testing.T, st store.Store, acks *acknowledged, ids []steps.ID) []string {
	t.Helper()
	found := acks.differ
	heads, err := st.Load(context.Background(), ids)
	require.NoError(t, err)
	histories, err := st.History(context.Background(), ids)
	require.NoError(t, err)
	told := make(map[steps.EventKey]steps.Verdict)
	for i, id := range ids {
		var hash steps.Hash
		state := steps.State("")
		for n, entry := range histories[i] {
			if int(entry.Revision) != n+1 || entry.Before != state || entry.Hash != entry.Chain(hash, id, heads[i].Salt) {
				found = append(found, fmt.Sprintf("activation %d: entry %d does not follow the one before", id, n+1))
			}
			if _, twice := told[entry.Event]; twice && entry.Event.ID != "" {
				found = append(found, fmt.Sprintf("activation %d: event %v was judged twice", id, entry.Event))
			}
			told[entry.Event] = entry.Verdict(id)
			hash, state = entry.Hash, entry.After
		}
		if heads[i].Hash != hash || heads[i].State != state {
			found = append(found, fmt.Sprintf("activation %d is not where its history ends", id))
		}
	}
	for key, verdict := range acks.verdicts {
		if told[key] != verdict {
			found = append(found, fmt.Sprintf("event %v was acknowledged and is not in the history", key))
		}
	}
	return found
}

// TestStoreFaults: whatever the store does of what its contract allows, every
// event has one verdict, and what was acknowledged is there.
func TestStoreFaults(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			t.Parallel()
			faulty := storetest.NewFaulty(memstore.New(), storetest.Random(seed, 5, time.Millisecond))
			acks, ids := drive(t, faulty, seed)
			faulty.SetPlan(func(storetest.Method) storetest.Fault { return storetest.Fault{} })
			require.Empty(t, faults(t, faulty, acks, ids))
		})
	}
}

// liar is a store that now and then says that a change is durable, and forgets
// it.
type liar struct {
	store.Store
	mu sync.Mutex
	n  int
}

func (l *liar) Commit(ctx context.Context, changes []store.Change) []error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.n++; l.n%10 == 0 {
		return make([]error, len(changes))
	}
	return l.Store.Commit(ctx, changes)
}

// TestStoreFaultsControl: the check of TestStoreFaults finds a store that lies.
func TestStoreFaultsControl(t *testing.T) {
	st := &liar{Store: memstore.New()}
	acks, ids := drive(t, st, 1)
	require.NotEmpty(t, faults(t, st, acks, ids))
}

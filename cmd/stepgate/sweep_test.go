package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/memstore"
)

// hasty is a plan whose activations take an hour at the most.
func hasty(t *testing.T) steps.Catalog {
	t.Helper()
	catalog, err := steps.NewCatalog(steps.Plan{
		Service: "fly", Version: 1, Steps: []steps.Step{{Name: "papers"}}, Deadline: time.Hour,
	})
	require.NoError(t, err)
	return catalog
}

var pilot = steps.Caller{User: "ann", Device: "phone", Rights: steps.AllRights, Channel: "cli"}

// TestSweeper tells what falls due, no sooner, and goes on after an error.
func TestSweeper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &failing{Store: memstore.New()}
		eng, err := engine.New(st, engine.Options{Plans: hasty(t)})
		require.NoError(t, err)
		defer eng.Close()
		list, err := eng.Steps(t.Context(), pilot, engine.StepsRequest{CarAssociationID: "1"})
		require.NoError(t, err)
		revision := func() int {
			history, err := eng.History(t.Context(), pilot, list.StepsID)
			require.NoError(t, err)
			return len(history)
		}
		var log bytes.Buffer
		s := startSweeper(eng, 5*time.Second, slog.New(slog.NewTextHandler(&log, nil)))

		time.Sleep(time.Hour - time.Second)
		synctest.Wait()
		require.Equal(t, 1, revision())
		require.Empty(t, log.String())

		st.broken.Store(true)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		require.Equal(t, 1, revision())
		require.Contains(t, log.String(), "not all that fell due is told")

		st.broken.Store(false)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		require.Equal(t, 2, revision())

		s.stop()
		_, err = eng.Handle(t.Context(), pilot, steps.Event{Key: steps.EventID("test", "r"), Kind: steps.Reset, StepsID: list.StepsID})
		require.NoError(t, err)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		require.Equal(t, 3, revision(), "nobody sweeps any more")
	})
}

// TestNoSweeper: every replica but one can leave it to that one.
func TestNoSweeper(t *testing.T) {
	eng, err := engine.New(memstore.New(), engine.Options{Plans: hasty(t)})
	require.NoError(t, err)
	defer eng.Close()
	startSweeper(eng, 0, slog.New(slog.DiscardHandler)).stop()
}

// failing is a store that cannot say what is due.
type failing struct {
	store.Store
	broken atomic.Bool
}

func (f *failing) Due(ctx context.Context, now time.Time, limit int) ([]steps.ID, error) {
	if f.broken.Load() {
		return nil, errors.Join(store.ErrUnavailable, errors.New("the disk is full"))
	}
	return f.Store.Due(ctx, now, limit)
}

package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/memstore"
	"github.com/stepgate/stepgate/store/pebblestore"
)

// short is a run that takes no time to speak of.
func short(p Place) Options {
	return Options{Place: p, Callers: []int{1, 4}, Rounds: 2, Budget: Budget{Activations: 20}, Command: "the command"}
}

func memory() Place {
	return Place{Name: "memory", Open: func(string) (store.Store, error) { return memstore.New(), nil }}
}

func pebble(dir string) Place {
	return Place{Name: "pebble", Dir: dir, Open: func(dir string) (store.Store, error) { return pebblestore.Open(dir, nil) }}
}

// TestRunCounts: four writes and a read an activation, in every sample, and the
// limit makes as many writes.
func TestRunCounts(t *testing.T) {
	o := short(memory())
	report, err := Run(t.Context(), o)
	require.NoError(t, err)
	require.Len(t, report.Series, 2)
	for i, s := range report.Series {
		require.Equal(t, o.Callers[i], s.Callers)
		require.Len(t, s.Rounds, o.Rounds)
		for _, r := range s.Rounds {
			require.EqualValues(t, 4*20, r.Engine.Writes)
			require.EqualValues(t, 20, r.Engine.Reads)
			require.EqualValues(t, 4*20, r.Limit.Writes)
			require.Zero(t, r.Limit.Reads)
			require.Positive(t, r.Engine.AllocsPerCall)
			require.LessOrEqual(t, r.Engine.P50, r.Engine.P99)
		}
		require.Nil(t, s.Disk, "nothing of a store in memory is on the disk")
	}
}

// TestRunKeepsWhatItSays: the store holds what was counted.
func TestRunKeepsWhatItSays(t *testing.T) {
	var stores []*keptOpen
	p := memory()
	p.Open = func(string) (store.Store, error) {
		stores = append(stores, &keptOpen{memstore.New()})
		return stores[len(stores)-1], nil
	}
	o := short(p)
	_, err := Run(t.Context(), o)
	require.NoError(t, err)
	require.Len(t, stores, len(o.Callers)*o.Rounds)
	for _, st := range stores {
		told, err := st.Changes(t.Context(), "", 1000)
		require.NoError(t, err)
		require.Len(t, told, 4*o.Budget.Activations)
	}
}

// keptOpen is a store that can be looked into after the benchmark closed it.
type keptOpen struct{ store.Store }

func (keptOpen) Close() error { return nil }

// TestRunOnDisk measures the embedded store and one that was filled, and leaves
// nothing behind.
func TestRunOnDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "bench")
	o := short(pebble(dir))
	o.Preload = 50
	report, err := Run(t.Context(), o)
	require.NoError(t, err)
	for _, s := range report.Series {
		require.Positive(t, s.Disk.PerActivation)
		require.EqualValues(t, 20, s.Disk.Activations)
		require.EqualValues(t, 4*20, s.Opened.Writes)
		require.EqualValues(t, 4*20, s.Full.Writes)
		require.Positive(t, s.Full.OfEmpty.Median)
	}
	require.Equal(t, 50, report.Preload.Activations)
	require.EqualValues(t, 50+2*2*2*20, report.Preload.Disk.Activations)
	require.Positive(t, report.Preload.OpenSeconds.Median)
	require.NoDirExists(t, dir)
}

// TestRunRefusesADirectoryInUse: a directory that holds something is not the
// benchmark's to remove.
func TestRunRefusesADirectoryInUse(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "dear"), nil, 0o600))
	_, err := Run(t.Context(), short(pebble(dir)))
	require.ErrorIs(t, err, ErrInUse)
	require.FileExists(t, filepath.Join(dir, "dear"))
}

// TestRunStops when it is told to, and says so.
func TestRunStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := short(memory())
	o.Budget = Budget{Duration: time.Hour}
	_, err := Run(ctx, o)
	require.ErrorIs(t, err, context.Canceled)
}

// TestReportForms: the JSON form has the members that cmd/peerbench reads, and
// the table every goal.
func TestReportForms(t *testing.T) {
	o := short(memory())
	o.Callers = []int{16}
	report, err := Run(t.Context(), o)
	require.NoError(t, err)

	form, err := json.Marshal(report)
	require.NoError(t, err)
	var read struct {
		Command string
		Machine struct {
			CPUs int
			Go   string
		}
		Series []struct {
			Callers       int
			Limit, Engine map[string]float64
			Throughput    struct{ Median, Min, Max float64 }
			P99           struct{ Median float64 }
			Rounds        []struct{ Limit, Engine map[string]float64 }
		}
		Goals []struct {
			Name        string
			Wanted, Got float64
			Met         bool
		}
	}
	require.NoError(t, json.Unmarshal(form, &read))
	require.Equal(t, "the command", read.Command)
	require.Positive(t, read.Machine.CPUs)
	require.NotEmpty(t, read.Machine.Go)
	require.Equal(t, 16, read.Series[0].Callers)
	for _, side := range []map[string]float64{read.Series[0].Limit, read.Series[0].Engine, read.Series[0].Rounds[1].Engine} {
		for _, member := range []string{"writes", "seconds", "perSecond", "p50", "p99", "allocsPerCall", "bytesPerCall"} {
			require.Contains(t, side, member)
		}
	}
	require.Positive(t, read.Series[0].Throughput.Median)
	require.Positive(t, read.Series[0].P99.Median)
	require.Len(t, read.Goals, 1)

	var drawn bytes.Buffer
	require.NoError(t, report.Draw(&drawn))
	require.Contains(t, drawn.String(), read.Goals[0].Name)
}

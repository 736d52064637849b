package bench

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/memstore"
)

// TestGoalsAreJudged is the control of the benchmark: beside a disk that takes
// no time, a store that sleeps misses every goal, and beside a disk that sleeps,
// a store that takes no time meets them.
func TestGoalsAreJudged(t *testing.T) {
	const nap = 100 * time.Millisecond
	for _, c := range []struct {
		name        string
		store, disk time.Duration
		met         bool
		drawn       string
	}{
		{name: "slow store", store: nap, met: false, drawn: "MISSED"},
		{name: "slow disk", disk: nap, met: true, drawn: "met"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := short(Place{Name: "control", Open: func(string) (store.Store, error) {
				return slowStore{memstore.New(), c.store}, nil
			}})
			o.Callers, o.Budget.Activations = []int{16, 64}, 64
			s, err := begin(t.Context(), o)
			require.NoError(t, err)
			require.NoError(t, s.journal.file.Close())
			s.journal.file = slowFile(c.disk)
			report := &Report{}
			require.NoError(t, s.measureEngine(t.Context(), report))
			require.NoError(t, s.close())

			require.Len(t, report.Goals, 3, "throughput with 16 and 64 callers, p99 with 64")
			for _, g := range report.Goals {
				require.Equal(t, c.met, g.Met, "%+v", g)
			}
			var drawn bytes.Buffer
			require.NoError(t, report.Draw(&drawn))
			require.Equal(t, 3, bytes.Count(drawn.Bytes(), []byte("  "+c.drawn+"\n")), drawn.String())
		})
	}
}

// slowStore takes its time to commit.
type slowStore struct {
	store.Store
	nap time.Duration
}

func (s slowStore) Commit(ctx context.Context, changes []store.Change) []error {
	time.Sleep(s.nap)
	return s.Store.Commit(ctx, changes)
}

// slowFile is a file that takes so long to sync, and keeps nothing.
type slowFile time.Duration

func (slowFile) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }

func (f slowFile) SyncData() error {
	time.Sleep(time.Duration(f))
	return nil
}

func (slowFile) Close() error { return nil }

// TestGoalsOfSize: bytes, seconds and memory have their goals.
func TestGoalsOfSize(t *testing.T) {
	series := Series{Callers: 2, Disk: &Disk{PerActivation: 401}, Opened: &Full{OfEmpty: Ratio{Median: 0.04}}, Full: &Full{OfEmpty: Ratio{Median: 0.79}}}
	full := Preload{OpenSeconds: Ratio{Median: 2.1}, ResidentPeak: 513, Disk: &Disk{PerActivation: 401}}
	missed := append(series.judge(), full.judge()...)
	require.Len(t, missed, 6)
	for _, g := range missed {
		require.False(t, g.Met, "%+v", g)
	}

	series = Series{Callers: 2, Disk: &Disk{PerActivation: 400}, Opened: &Full{OfEmpty: Ratio{Median: 0.8}}, Full: &Full{OfEmpty: Ratio{Median: 0.8}}}
	full = Preload{OpenSeconds: Ratio{Median: 2}, ResidentPeak: 512, Disk: &Disk{PerActivation: 400}}
	for _, g := range append(series.judge(), full.judge()...) {
		require.True(t, g.Met, "%+v", g)
	}
}

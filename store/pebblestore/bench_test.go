package pebblestore

import (
	"context"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/storetest"
)

func BenchmarkCommit(b *testing.B) {
	storetest.Benchmark(b, storetest.Harness{Open: func(tb testing.TB) store.Store {
		s, err := Open(tb.TempDir(), nil)
		require.NoError(tb, err)
		return s
	}})
}

// finish commits activations from creation, which rests on that nothing is known
// of their subjects, to the evidence of their third step, and returns them.
func finish(b *testing.B, s *Store, seed, n int) []*storetest.Walk {
	walks := make([]*storetest.Walk, n)
	changes := make([]store.Change, n)
	for i := range walks {
		walks[i] = storetest.NewWalk(uint64(seed + i))
		walks[i].Proves = true
	}
	for range 4 {
		for i, w := range walks {
			created := w.Activation.Revision > 0
			if changes[i] = w.Next(); created {
				continue
			}
			for _, subject := range w.Subjects() {
				changes[i].Rests.Evidence = append(changes[i].Rests.Evidence, steps.Evidence{Subject: subject})
			}
		}
		for _, err := range s.Commit(context.Background(), changes) {
			require.NoError(b, err)
		}
	}
	return walks
}

// BenchmarkFinished makes finished activations, each with three records of
// evidence, and reports what they take on the disk. It says something for many
// of them: -benchtime 200000x.
func BenchmarkFinished(b *testing.B) {
	dir := b.TempDir()
	s, err := Open(dir, nil)
	require.NoError(b, err)
	const batch = 64
	for seed := 0; seed < b.N; seed += batch {
		finish(b, s, seed, min(batch, b.N-seed))
	}
	b.StopTimer()
	require.NoError(b, s.Compact(context.Background()))
	require.NoError(b, s.Close())
	var size int64
	require.NoError(b, filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if info, infoErr := entry.Info(); infoErr == nil && !info.IsDir() {
			size += info.Size()
		}
		return err
	}))
	b.ReportMetric(float64(size)/float64(b.N), "bytes/activation")
}

// filled returns a store with many finished activations.
func filled(b *testing.B) (*Store, []*storetest.Walk) {
	s, err := Open(b.TempDir(), nil)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	walks := finish(b, s, 0, 20_000)
	require.NoError(b, s.Compact(context.Background()))
	return s, walks
}

func BenchmarkRead(b *testing.B) {
	s, walks := filled(b)
	ctx := context.Background()
	for name, read := range map[string]func(w *storetest.Walk) error{
		"load": func(w *storetest.Walk) error {
			_, err := s.Load(ctx, []steps.ID{w.Activation.StepsID})
			return err
		},
		"history": func(w *storetest.Walk) error {
			_, err := s.History(ctx, []steps.ID{w.Activation.StepsID})
			return err
		},
		"find": func(w *storetest.Walk) error {
			_, err := s.Find(ctx, w.Activation.Binding)
			return err
		},
		"evidence": func(w *storetest.Walk) error {
			_, err := s.Evidence(ctx, w.Subjects())
			return err
		},
		"list of a user": func(w *storetest.Walk) error {
			_, err := s.List(ctx, store.Query{User: w.Activation.User})
			return err
		},
		"list100": func(w *storetest.Walk) error {
			_, err := s.List(ctx, store.Query{State: steps.StateActivated, After: w.Activation.StepsID})
			return err
		},
		"changes100": func(w *storetest.Walk) error {
			_, err := s.Changes(ctx, "1000", 100)
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if err := read(walks[i*7919%len(walks)]); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}

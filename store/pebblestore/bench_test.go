package pebblestore

import (
	"context"
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

// filled returns a store with many finished activations.
func filled(b *testing.B) (*Store, []*storetest.Walk) {
	s, err := Open(b.TempDir(), nil)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	walks := make([]*storetest.Walk, 20_000)
	changes := make([]store.Change, len(walks))
	for i := range walks {
		walks[i] = storetest.NewWalk(uint64(i))
	}
	for range 4 {
		for i, w := range walks {
			changes[i] = w.Next()
		}
		for _, err := range s.Commit(context.Background(), changes) {
			require.NoError(b, err)
		}
	}
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

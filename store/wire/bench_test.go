package wire_test

import (
	"testing"

	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/storetest"
	"github.com/stepgate/stepgate/store/wire"
)

// benchmarked returns the four changes of each of some activations: created and
// three completions.
func benchmarked() []store.Change {
	var changes []store.Change
	for seed := range uint64(64) {
		w := storetest.NewWalk(seed)
		for range 4 {
			changes = append(changes, w.Next())
		}
	}
	return changes
}

func BenchmarkAppendChange(b *testing.B) {
	changes := benchmarked()
	var buf []byte
	bytes, i := 0, 0
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = wire.AppendChange(buf[:0], &changes[i%len(changes)])
		bytes += len(buf)
		i++
	}
	b.ReportMetric(float64(bytes)/float64(i), "bytes/change")
}

func BenchmarkDecodeChange(b *testing.B) {
	changes := benchmarked()
	values := make([][]byte, len(changes))
	for i := range changes {
		values[i], _ = wire.AppendChange(nil, &changes[i])
	}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		k := i % len(values)
		if _, err := wire.DecodeChange(changes[k].Activation.StepsID, values[k]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

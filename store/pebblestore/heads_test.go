package pebblestore

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stepgate/stepgate/steps"
)

// What the table knows is right, however little it can hold.
func TestHeads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		truth := make(map[steps.ID]uint32)
		draw := rapid.Custom(func(t *rapid.T) steps.ID { return steps.ID(rapid.Uint64Range(1, 200).Draw(t, "id")) })
		floor := draw.Draw(t, "floor")
		for id := steps.ID(1); id <= floor; id += 3 {
			truth[id] = 1 // what was there before
		}
		h := newHeads(1+rapid.IntRange(0, 64).Draw(t, "size"), floor)
		for range rapid.IntRange(1, 200).Draw(t, "moves") {
			id := draw.Draw(t, "id")
			truth[id]++
			h.putAll([]move{{id: id, to: truth[id]}})
			for id := range steps.ID(210) {
				if revision, known := h.get(id); known && id > 0 {
					require.Equal(t, truth[id], revision, "ID %d", id)
				}
			}
			revision, known := h.get(id)
			require.True(t, known, "the newest is known")
			require.Equal(t, truth[id], revision)
		}
	})
}

package memstore

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

// TestOrder inserts more records than a few blocks hold, in several orders, and
// reads them from every place.
func TestOrder(t *testing.T) {
	const n = 5*blockSize + 3
	ascending := make([]steps.ID, n)
	for i := range ascending {
		ascending[i] = steps.ID(10 * (i + 1))
	}
	descending := slices.Clone(ascending)
	slices.Reverse(descending)
	shuffled := slices.Clone(ascending)
	rand.New(rand.NewPCG(1, 2)).Shuffle(n, func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })

	for name, ids := range map[string][]steps.ID{"ascending": ascending, "descending": descending, "shuffled": shuffled} {
		t.Run(name, func(t *testing.T) {
			var o order
			require.Empty(t, above(&o, 0))
			for _, id := range ids {
				o.insert(&record{activation: steps.Activation{StepsID: id}})
			}
			for i, id := range ascending {
				require.True(t, slices.Equal(ascending[i:], above(&o, id-1)), "above %d", id-1)
				require.True(t, slices.Equal(ascending[i+1:], above(&o, id)), "above %d", id)
			}
		})
	}
}

// above returns the IDs above id as the order holds them.
func above(o *order, id steps.ID) []steps.ID {
	var ids []steps.ID
	for r := range o.above(id) {
		ids = append(ids, r.activation.StepsID)
	}
	return ids
}

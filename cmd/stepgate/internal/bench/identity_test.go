package bench

import (
	"math/rand/v2"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

// TestIdentitiesAreRealistic: UUIDs that never come twice, and VINs of 17
// characters.
func TestIdentitiesAreRealistic(t *testing.T) {
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	vin := regexp.MustCompile(`^[A-HJ-NPR-Z0-9]{17}$`)
	r := rand.New(rand.NewPCG(3, 4))
	seen := make(map[string]bool)
	for range 100 {
		who := newIdentity(r, 3)
		for _, text := range append(who.events, who.association, who.user, who.device) {
			require.Regexp(t, uuid, text)
			require.False(t, seen[text])
			seen[text] = true
		}
		a, ok, err := resolver{steps.RemoteCommands}.Association(t.Context(), who.user, who.association)
		require.NoError(t, err)
		require.True(t, ok)
		require.Regexp(t, vin, a.VIN)
		require.False(t, seen[a.VIN])
		seen[a.VIN] = true
	}
}

package steps_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

func TestErrorsSayTheLabel(t *testing.T) {
	err := fmt.Errorf("outer: %w", steps.Invalid("stepsID", "a whole number"))
	require.ErrorIs(t, err, steps.ErrInvalid)
	require.NotErrorIs(t, err, steps.ErrMissing)
	require.EqualError(t, err, "outer: Invalid stepsID parameter: a whole number")
	require.True(t, slices.IsSorted(steps.Codes()))
	for _, code := range steps.Codes() {
		require.NotEmpty(t, code.Label())
		require.NotEmpty(t, code.Advice())
	}
	require.Empty(t, steps.Code(9999).Advice())
}

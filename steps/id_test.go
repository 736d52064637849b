package steps_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

func TestParseID(t *testing.T) {
	for text, want := range map[string]steps.ID{
		"1":                1,
		"132324":           132324,
		"9007199254740991": steps.MaxID,
	} {
		id, err := steps.ParseID(text)
		require.NoError(t, err, text)
		require.Equal(t, want, id)
		require.Equal(t, text, id.String())
	}
	for _, text := range []string{
		"0", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "01", "9007199254740992", "18446744073709551617",
		strings.Repeat("9", 10_000), "１", "1\x00", "\xff", "one",
	} {
		_, err := steps.ParseID(text)
		require.ErrorIs(t, err, steps.ErrInvalid, text)
	}
	_, err := steps.ParseID("")
	require.ErrorIs(t, err, steps.ErrMissing)
}

func TestNewIDStaysInBoundsAndNearInTime(t *testing.T) {
	at := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	lowest, highest := steps.NewID(at, 0), steps.NewID(at, ^uint64(0))
	require.EqualValues(t, 1<<12-1, highest-lowest)
	require.Equal(t, highest+1, steps.NewID(at.Add(time.Millisecond), 0))
	for _, at := range []time.Time{{}, at, at.AddDate(60, 0, 0), at.AddDate(200, 0, 0)} {
		for _, random := range []uint64{0, 1, ^uint64(0)} {
			id := steps.NewID(at, random)
			require.True(t, id >= 1 && id <= steps.MaxID, "%v: %d", at, id)
		}
	}
}

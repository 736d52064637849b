package planfile

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestDurations: what is read, and how it is written.
func TestDurations(t *testing.T) {
	for text, want := range map[string]struct {
		d       time.Duration
		written string
	}{
		"10m":      {10 * time.Minute, "10m"},
		"720h":     {30 * day, "30d"},
		"1d12h":    {36 * time.Hour, "1d12h"},
		"12h1d":    {36 * time.Hour, "1d12h"},
		"1.5d":     {36 * time.Hour, "1d12h"},
		"1500ms":   {1500 * time.Millisecond, "1s500ms"},
		"1.5ms":    {1500 * time.Microsecond, "1.5ms"},
		"90s90s":   {3 * time.Minute, "3m"},
		"106751d":  {106751 * day, "106751d"},
		"0.00001d": {864 * time.Millisecond, "864ms"},
	} {
		d, why := parseDuration(text)
		require.Empty(t, why, text)
		require.Equal(t, want.d, d, text)
		require.Equal(t, want.written, formatDuration(d))
	}
	for text, want := range map[string]string{
		"": "no duration", "10": "no duration", "d": "no duration", "1w": "no duration", "1 h": "no duration", "-1h": "no duration",
		"+1h": "no duration", ".5h": "no duration", "1.h": "no duration", "1h ": "no duration", "1µs": "no duration", "1H": "no duration",
		"106752d": "longer than 290 years", "106751d24h": "longer than 290 years", "9999999999999999999999h": "longer than 290 years",
	} {
		_, why := parseDuration(text)
		require.Equal(t, want, why, text)
	}
	require.Empty(t, formatDuration(0))
}

// TestNearest: a slip of the pen is recognized, another word is not.
func TestNearest(t *testing.T) {
	for word, want := range map[string]string{
		"ttl": "ttl", "TTL": "ttl", "tttl": "ttl", "tl": "ttl", "timeToLive": "", "nmae": "name", "names": "name", "alias": "aliases",
		"chekcer": "checker", "checkers": "checker", "": "", "x": "", "budgets": "budget", "conform": "confirm", "scopes": "scope", "é": "",
	} {
		require.Equal(t, want, nearest(word, stepKeys), word)
	}
}

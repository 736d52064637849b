package planfile_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine/planfile"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with a golden file, or rewrites it with -update.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run the test with -update to make it")
	require.Equal(t, string(want), text)
}

// faultsOf returns the faults of a text that must have some.
func faultsOf(t *testing.T, text string) planfile.Faults {
	t.Helper()
	file, err := planfile.Parse([]byte(text))
	var faults planfile.Faults
	require.ErrorAs(t, err, &faults)
	require.NotEmpty(t, faults)
	require.Zero(t, file, "a file is read whole or not at all")
	return faults
}

// TestFaults shows every fault of a deliberately bad file below its line, as an
// editor would.
func TestFaults(t *testing.T) {
	text, err := os.ReadFile("testdata/faults.yaml")
	require.NoError(t, err)
	faults := faultsOf(t, string(text))

	var b strings.Builder
	next := 0
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		fmt.Fprintf(&b, "%3d  %s\n", i+1, line)
		for ; next < len(faults) && faults[next].Line == i+1; next++ {
			fmt.Fprintf(&b, "     %s^ %s\n", strings.Repeat(" ", faults[next].Column-1), faults[next].What)
		}
	}
	require.Equal(t, len(faults), next, "every fault stands in a line of the file")
	golden(t, "faults.golden", b.String())
}

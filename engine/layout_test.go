package engine_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// topLevel is all that the repository shows at a first glance, dot files aside.
var topLevel = []string{"LICENSE", "README.md", "cmd", "docs", "engine", "go.mod", "go.sum", "steps", "store"}

// TestTopLevel holds the top level to that. What .gitignore names there may lie
// about.
func TestTopLevel(t *testing.T) {
	ignored, err := os.ReadFile("../.gitignore")
	require.NoError(t, err)
	files, err := os.ReadDir("..")
	require.NoError(t, err)
	var shown []string
	for _, f := range files {
		hidden := strings.HasPrefix(f.Name(), ".")
		if !hidden && !slices.Contains(strings.Split(string(ignored), "\n"), "/"+f.Name()+dirMark(f)) {
			shown = append(shown, f.Name())
		}
	}
	require.Equal(t, topLevel, shown)
}

// dirMark is how .gitignore marks a directory.
func dirMark(f os.DirEntry) string {
	if f.IsDir() {
		return "/"
	}
	return ""
}

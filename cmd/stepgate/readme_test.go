package main

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite what the pages of the documentation show of a terminal")

// TestPages runs every command that the README and the documentation show, and
// compares what it prints with what they show.
func TestPages(t *testing.T) {
	requireTools(t, "bash", "curl")
	program := buildProgram(t)
	for path, page := range pages(t) {
		shown := readTranscript(page)
		if len(shown) == 0 {
			continue
		}
		name, err := filepath.Rel(root, path)
		require.NoError(t, err)
		t.Run(name, func(t *testing.T) {
			newTerminal(t, program).run(shown)
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(shown.rewritten(page)), 0o644))
				return
			}
			for _, e := range shown {
				require.Equal(t, comparable(e.want), comparable(e.got), "line %d: $ %s", e.line, e.command)
				checkControl(t, e)
			}
		})
	}
}

// checkControl changes an answer in one letter of each line, and leaves one
// line out, and sees that this is found.
func checkControl(t *testing.T, e *exchange) {
	t.Helper()
	want := e.want
	for i, line := range want {
		if letter := strings.LastIndexAny(line, "abcdefghijklmnopqrstuvwxyz"); letter >= 0 {
			e.want = slices.Clone(want)
			e.want[i] = line[:letter] + "#" + line[letter+1:]
			require.True(t, e.differs(), "line %d, changed to %q", e.line+i+1, e.want[i])
		}
	}
	if len(want) > 0 {
		e.want = want[1:]
		require.True(t, e.differs(), "line %d, left out", e.line+1)
	}
	e.want = want
}

// requireTools skips where the machine lacks a program, unless it must not.
func requireTools(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err == nil {
			continue
		}
		if slices.Contains(strings.Split(os.Getenv("STEPGATE_REQUIRE"), ","), name) {
			t.Fatalf("%s is required and not installed", name)
		}
		t.Skipf("%s is not installed: what the pages show is not checked", name)
	}
}

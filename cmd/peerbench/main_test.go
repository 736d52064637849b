package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDraw(t *testing.T) {
	out := filepath.Join(t.TempDir(), "bench.svg")
	err := run(out, []string{write(t, `{"store":"pebble","series":[{"callers":64,"limit":{"perSecond":2},"engine":{"perSecond":1}}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	picture, err := os.ReadFile(out)
	if err != nil || !strings.Contains(string(picture), "own limit") {
		t.Fatalf("the picture lacks its legend: %v", err)
	}
}

func TestFaults(t *testing.T) {
	out := filepath.Join(t.TempDir(), "bench.svg")
	for _, files := range [][]string{nil, {"absent"}, {write(t, "{")}, {write(t, `{"series":[]}`)}} {
		if err := run(out, files); err == nil {
			t.Fatalf("%v: no error", files)
		}
	}
}

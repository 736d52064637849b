package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// measured is a run as stepgate bench --json prints it, cut down.
const measured = `{"store":"pebble","machine":{"cpus":2},"series":[
	{"callers":1,"limit":{"perSecond":9000,"p50":90,"p99":300},"engine":{"perSecond":7000,"p50":120,"p99":900}},
	{"callers":64,"limit":{"perSecond":280000,"p50":200,"p99":700},"engine":{"perSecond":180000,"p50":300,"p99":2000},
	 "full":{"perSecond":170000,"p50":310,"p99":2100}}]}`

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestDraw: each form of picture, of one run and of two, with what it shows
// named in it.
func TestDraw(t *testing.T) {
	one := write(t, "embedded.json", strings.Replace(measured, `"callers":64`, `"callers":16`, 1))
	full := write(t, "full.json", measured)
	for _, c := range []struct {
		files []string
		named []string
	}{
		{[]string{one}, []string{">the disk's own limit<", ">engine<", ">1<", ">16<", "Thousand durable changes a second, pebble store, 2 CPUs"}},
		{[]string{one, full}, []string{">embedded: engine<", ">full: engine<", ">full: engine, full store<", ">64<"}},
	} {
		out := filepath.Join(t.TempDir(), "bench.svg")
		if err := run(out, c.files); err != nil {
			t.Fatal(err)
		}
		picture, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range c.named {
			if !strings.Contains(strings.ReplaceAll(string(picture), "&#39;", "'"), text) {
				t.Errorf("the picture of %v does not show %q", c.files, text)
			}
		}
	}
	out := filepath.Join(t.TempDir(), "bench.png")
	if err := run(out, []string{one}); err != nil {
		t.Fatal(err)
	}
	if picture, err := os.ReadFile(out); err != nil || !strings.HasPrefix(string(picture), "\x89PNG") {
		t.Errorf("no PNG: %v", err)
	}
}

// TestFaults: what cannot be drawn is said, and no picture is left.
func TestFaults(t *testing.T) {
	sound := write(t, "run.json", measured)
	for _, c := range []struct {
		out   string
		files []string
		says  string
	}{
		{"bench.svg", nil, "name a file"},
		{"bench.svg", []string{"absent.json"}, "absent.json"},
		{"bench.svg", []string{sound, write(t, "torn.json", "{")}, "torn.json"},
		{"bench.svg", []string{write(t, "http.json", `{"series":[]}`)}, "no series"},
		{"bench.txt", []string{sound}, "bench.txt"},
	} {
		out := filepath.Join(t.TempDir(), c.out)
		err := run(out, c.files)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s of %v: the error is %v, and does not say %q", c.out, c.files, err, c.says)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s of %v was drawn", c.out, c.files)
		}
	}
}

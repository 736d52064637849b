package planfile_test

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine/planfile"
)

// page is the reference of the file.
func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/reference/plans.md")
	require.NoError(t, err)
	return string(text)
}

// examples are the files that the page shows; the first one has every key.
func examples(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(page(t), -1) {
		found = append(found, block[1])
	}
	require.Len(t, found, 2)
	return found
}

// parsed returns what a text without faults declares.
func parsed(t *testing.T, text string) planfile.File {
	t.Helper()
	file, err := planfile.Parse([]byte(text))
	require.NoError(t, err)
	return file
}

// TestExamplesOfThePage: they can be read, and are written as the same.
func TestExamplesOfThePage(t *testing.T) {
	for _, text := range examples(t) {
		file := parsed(t, text)
		require.Equal(t, file, parsed(t, string(planfile.Format(file))))
	}
}

// TestExampleIsFull: the first example sets every member that a file can set,
// so that what is tested on it is tested on all of them.
func TestExampleIsFull(t *testing.T) {
	set, all := make(map[string]bool), make(map[string]bool)
	file := parsed(t, examples(t)[0])
	visit(reflect.ValueOf(file.Catalog.Plans()), set, all)
	visit(reflect.ValueOf(file.Checkers), set, all)
	require.Equal(t, all, set)
	require.Contains(t, all, "Budget.Lockout", "the control: members are found at any depth")
}

// visit collects the members of structs: all of them, and those that are set.
func visit(v reflect.Value, set, all map[string]bool) {
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			visit(v.Index(i), set, all)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			visit(v.MapIndex(key), set, all)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Name() + "." + v.Type().Field(i).Name
			all[name] = true
			if !v.Field(i).IsZero() {
				set[name] = true
			}
			visit(v.Field(i), set, all)
		}
	}
}

// TestPageHasEveryKey: the tables of the page and the properties of the schema
// are the same keys, in the same order, with the same defaults; and the first
// example has each of them.
func TestPageHasEveryKey(t *testing.T) {
	var schema struct {
		Properties json.RawMessage            `json:"properties"`
		Defs       map[string]json.RawMessage `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(schemaText(t), &schema))
	want := [][]string{keysOf(t, schema.Properties)}
	for _, name := range []string{"service", "version", "hold", "step", "budget", "checker", "http", "breaker"} {
		var def struct {
			Properties json.RawMessage `json:"properties"`
		}
		require.NoError(t, json.Unmarshal(schema.Defs[name], &def))
		want = append(want, keysOf(t, def.Properties))
	}

	var shown [][]string
	for _, table := range regexp.MustCompile(`(?m)^\| key \| what \| default \|\n\| --- \| --- \| --- \|\n((?:\|.*\n)+)`).FindAllStringSubmatch(page(t), -1) {
		var keys []string
		for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| .* \\| (.*) \\|$").FindAllStringSubmatch(table[1], -1) {
			keys = append(keys, row[1]+defaultIn(row[2]))
			require.Contains(t, examples(t)[0], row[1]+":")
		}
		shown = append(shown, keys)
	}
	require.Equal(t, want, shown)
}

// defaultIn returns what the last column of a row shows as a value.
func defaultIn(column string) string {
	if value := regexp.MustCompile("^`([^`]+)`").FindStringSubmatch(column); value != nil {
		return "=" + value[1]
	}
	return ""
}

// keysOf returns the keys of an object in their order, each with its default.
func keysOf(t *testing.T, object json.RawMessage) []string {
	t.Helper()
	var properties map[string]struct {
		Default any `json:"default"`
	}
	require.NoError(t, json.Unmarshal(object, &properties))
	var keys []string
	for key := range properties {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		return strings.Index(string(object), `"`+a+`": {`) - strings.Index(string(object), `"`+b+`": {`)
	})
	for i, key := range keys {
		if value := properties[key].Default; value != nil {
			text, err := json.Marshal(value)
			require.NoError(t, err)
			keys[i] += "=" + strings.Trim(string(text), `"`)
		}
	}
	return keys
}

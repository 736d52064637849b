package planfile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine/planfile"
)

// service is a file with one service, whose versions are the text.
func service(versions string) string { return "services: {a: {versions: " + versions + "}}" }

// TestUnreadable: texts that mean nothing, or something else to each reader of
// YAML, are at fault where that begins.
func TestUnreadable(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "1:1: the file is empty: it must be a plan file, with the keys services, checkers",
		"# nothing yet\n":                  "1:1: the file is empty: it must be a plan file, with the keys services, checkers",
		"---\n":                            "1:1: the file is empty: it must be a plan file, with the keys services, checkers",
		"{}":                               "1:1: the file is empty: it must be a plan file, with the keys services, checkers",
		"- a\n":                            "1:1: the file is a list: it must be a plan file, with the keys services, checkers",
		"plans":                            "1:1: the file is text: it must be a plan file, with the keys services, checkers",
		"services: [\n":                    "1:11: this cannot be read as YAML: sequence end token ']' not found",
		"services:\n\ta: 1\n":              "2:1: a tab stands here, or right before: write spaces",
		"services:\n  a:\n\t- b\n":         "3:1: a tab stands here, or right before: write spaces",
		"services: {a: b\tc}\n":            "1:15: a tab stands here, or right before: write spaces",
		"services: {a: {versions: *b\tc}}": "1:27: a tab stands here, or right before: write spaces",
		"services:\n  a: 1\t# one\n":       "2:6: a tab stands here, or right before: write spaces",
		"services: {a: 1} #\tone\n":        "1:15: a is a number: it must be a service, with the keys versions, eligibility",
		"services: {a:1}\n":                "1:14: a space is missing before this: a colon and a space end a key",
		"services: {a:b}\n":                "1:14: a space is missing before this: a colon and a space end a key",
		"services: {a:&b 1}\n":             "1:14: a space is missing before this: a colon and a space end a key",
		"services: {a: * b}\n":             "1:17: a name is missing right behind the \"&\" or \"*\" before this: write them as one",
		"services: {\"a b\": 1}\n":         `1:12: "a b" is no name: a name has 1 to 64 letters, digits or underscores and begins with a letter` + "\n" + `1:19: "a b" is a number: it must be a service, with the keys versions, eligibility`,
		"services: {,a: 1}\n":              "1:12: nothing stands before this comma: strike it out",
		"services: {a: [1,, 2]}\n":         "1:18: nothing stands before this comma: strike it out",
		"services:\n  a: \"b\n":            "2:6: this cannot be read as YAML: could not find end character of double-quoted text",
		"services:\n  a: b: c\n":           "2:6: this cannot be read as YAML: mapping value is not allowed in this context",
		"services: {a: 1}\n---\n":          "2:1: a second document begins here: a plan file is one, so strike out this line, or what follows",
		"---\n---\nservices: {a: 1}\n":     "2:1: a second document begins here: a plan file is one, so strike out this line, or what follows",
		"services: {a: 1}\n...\nb: 2\n":    `3:1: the document ended above, with "...": strike that line out, or what follows it`,
		"%YAML 1.2\n---\nservices: {}":     "1:1: a directive stands here: strike the line out, a plan file has none",
		"? services\n: {a: 1}\n":           `1:1: a key that is marked with "?" stands here: write "key: value"`,
		"services:\n  a: \xff\n":           "2:6: this is not UTF-8: save the file in that encoding",
		"services:\r\n  é: \x00\r\n":       "2:6: a control character (U+0000) stands here: strike it out",
		"services:\r  a: \x1b\r":           "2:6: a control character (U+001B) stands here: strike it out",
		"\xff\xfes\x00e\x00":               "1:1: this is not UTF-8: save the file in that encoding",
		strings.Repeat("k", 200) + ": 1":   "1:201: the key of this value is longer than 128 bytes: no key or name is",
		"\uFEFFservices: {a: 1}\n":         "1:15: a is a number: it must be a service, with the keys versions, eligibility",
		"services: {a: &x {versions: *x}}": `1:29: no anchor "&x" stands before this alias: mark the value to repeat with it`,
	} {
		require.EqualError(t, faultsOf(t, text), want, "%q", text)
	}
}

// TestBounds: what would take long to read is refused, at the place where it
// becomes too much.
func TestBounds(t *testing.T) {
	step := "{name: a}"
	most := make([]string, 64)
	for i := range most {
		most[i] = fmt.Sprintf("{name: s%d}", i)
	}
	var laughs strings.Builder
	laughs.WriteString("l0: &l0 [a, b, c, d, e, f, g, h, i]\n")
	for i := range 9 {
		fmt.Fprintf(&laughs, "l%d: &l%d [%s*l%d]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*l%d, ", i), 8), i)
	}
	var services strings.Builder
	services.WriteString("services:\n  s0: &s {versions: [{version: 1, steps: [" + strings.Join(most, ", ") + "]}]}\n")
	for i := range 900 {
		fmt.Fprintf(&services, "  s%d: *s\n", i+1)
	}
	for name, c := range map[string]struct{ text, want string }{
		"size":           {strings.Repeat("#", planfile.MaxSize+1), "1:1: the file has more than 1048576 bytes: no plan needs as much"},
		"brackets":       {strings.Repeat("[", 1<<20), "1:33: this stands more than 32 levels deep: no key of a plan file does"},
		"braces":         {strings.Repeat("{a: ", 1<<18), "1:65: this stands more than 32 levels deep: no key of a plan file does"},
		"dashes":         {strings.Repeat("- ", 1<<19), "1:65: this stands more than 32 levels deep: no key of a plan file does"},
		"indentation":    {stairs(40), "33:34: this stands more than 32 levels deep: no key of a plan file does"},
		"lines":          {strings.Repeat("- a\n", 1<<18), "1001:1: this list or mapping has more than 1000 items or keys: strike out what nobody uses"},
		"keys":           {strings.Repeat("a:\n", 1<<18), "1001:2: this list or mapping has more than 1000 items or keys: strike out what nobody uses"},
		"words":          {"[" + strings.Repeat("a, ", 1<<18), "1:75000: the file has more than 50000 words and signs: strike out what nobody uses, or share what repeats by anchors and aliases"},
		"documents":      {strings.Repeat("---\n", 1<<18), "2:1: a second document begins here: a plan file is one, so strike out this line, or what follows"},
		"anchors":        {strings.Repeat("&a ", 1<<18), "1:75001: the file has more than 50000 words and signs: strike out what nobody uses, or share what repeats by anchors and aliases"},
		"billion laughs": {laughs.String(), "5:35: with what this alias repeats, the file has more than 50000 values: repeat less"},
		"services":       {services.String(), "377:9: with what this alias repeats, the file has more than 50000 values: repeat less"},
		"steps":          {service("[{version: 1, steps: [" + strings.Join(most, ", ") + ", {name: onemore}]}]"), "1:870: steps has 65 steps: a plan has 1 to 64, so strike out this one and those that follow"},
		"not too many":   {service("[{version: 1, steps: [" + strings.Join(most, ", ") + "]}]"), "no fault"},
		"not too long":   {service("[{version: 1, steps: ["+step+"]}]") + "#" + strings.Repeat("#", planfile.MaxSize-100), "no fault"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := planfile.Parse([]byte(c.text))
			if c.want == "no fault" {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			require.Contains(t, strings.Split(err.Error(), "\n"), c.want)
		})
	}
}

// stairs are keys, each a column further right than the one before.
func stairs(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

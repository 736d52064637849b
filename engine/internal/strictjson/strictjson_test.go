package strictjson_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine/internal/strictjson"
)

// skipped reads a text as one value that means nothing.
func skipped(text string) error {
	in := strictjson.Open([]byte(text))
	defer in.Close()
	if err := in.Skip(); err != nil {
		return err
	}
	return in.End()
}

func nested(depth int) string {
	return strings.Repeat(`{"a":[`, depth/2) + strings.Repeat("[", depth%2) + strings.Repeat("]", depth%2) + strings.Repeat("]}", depth/2)
}

// TestSkip: also what means nothing is read strictly.
func TestSkip(t *testing.T) {
	for _, text := range []string{
		"1", ` "a" `, "null", `{"a":1,"b":{"a":[]}}`, nested(strictjson.MaxDepth - 1), nested(strictjson.MaxDepth),
	} {
		require.NoError(t, skipped(text), text)
	}
	for text, says := range map[string]string{
		"":                              "ends too early",
		"[1":                            "ends too early",
		`{"a"`:                          "ends too early",
		`{"a":1,"a":1}`:                 `"a" stands twice`,
		`[{"b":{"a":1,"\u0061":1}}]`:    `"a" stands twice`,
		"\"\xff\"":                      "invalid UTF-8",
		`"\ud800"`:                      "no JSON",
		"01":                            "at byte",
		"+1":                            "no JSON",
		"NaN":                           "no JSON",
		"'a'":                           "no JSON",
		"[1,]":                          "no JSON",
		"// a\n1":                       "no JSON",
		"1 2":                           "something follows the JSON",
		"{}\x00":                        "something follows the JSON",
		"\ufeff1":                       "no JSON",
		nested(strictjson.MaxDepth + 1): "more than 16 objects",
		strings.Repeat("[", 1<<20):      "more than 16 objects",
	} {
		require.ErrorContains(t, skipped(text), says, "%.40q", text)
	}
}

// TestBegin counts as Skip does.
func TestBegin(t *testing.T) {
	in := strictjson.Open([]byte(strings.Repeat("[", strictjson.MaxDepth+1)))
	defer in.Close()
	for range strictjson.MaxDepth {
		require.NoError(t, in.Begin('['))
	}
	require.ErrorContains(t, in.Begin('['), "more than 16 objects")
}

// TestTypes: nothing is converted.
func TestTypes(t *testing.T) {
	for _, text := range []string{`"1"`, "1", "1.5", "-1", "4294967296", "true", "{}", "[]"} {
		read := func(as func(in *strictjson.Reader) error) error {
			in := strictjson.Open([]byte(text))
			defer in.Close()
			return as(in)
		}
		errs := map[string]error{
			"text":   read(func(in *strictjson.Reader) error { _, err := in.Text(); return err }),
			"number": read(func(in *strictjson.Reader) error { _, err := in.Uint32(); return err }),
			"bool":   read(func(in *strictjson.Reader) error { _, err := in.Bool(); return err }),
			"scalar": read(func(in *strictjson.Reader) error { _, _, err := in.Scalar(); return err }),
			"object": read(func(in *strictjson.Reader) error { return in.Begin('{') }),
			"array":  read(func(in *strictjson.Reader) error { return in.Begin('[') }),
		}
		takes := map[string]bool{
			"text": text[0] == '"', "number": text == "1", "bool": text == "true",
			"scalar": text[0] != '{' && text[0] != '[', "object": text == "{}", "array": text == "[]",
		}
		for name, err := range errs {
			if takes[name] {
				require.NoError(t, err, "%s as %s", text, name)
			} else {
				require.ErrorIs(t, err, strictjson.ErrType, "%s as %s", text, name)
			}
		}
	}
}

// TestTextsOutliveTheReader: what was read is not what the next text overwrites.
func TestTextsOutliveTheReader(t *testing.T) {
	source := []byte(`"abc"`)
	in := strictjson.Open(source)
	text, err := in.Text()
	require.NoError(t, err)
	in.Close()
	copy(source, `"xyz"`)
	require.NoError(t, skipped(`"another text"`))
	require.Equal(t, "abc", text)
}

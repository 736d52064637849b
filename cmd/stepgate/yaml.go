package main

import (
	"bytes"
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strings"
)

// writeYAML prints a value as its JSON reads, members in the same order. A text
// that could be read as anything else is quoted as in JSON, which YAML takes.
func writeYAML(w io.Writer, value any) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return err
	}
	dec := json.NewDecoder(&text)
	dec.UseNumber()
	root, err := readOrdered(dec)
	if err != nil {
		return err
	}
	_, err = w.Write(yamlLines(nil, root, "", ""))
	return err
}

// member is a member of a JSON object.
type member struct {
	name  string
	value any
}

// readOrdered reads a JSON value: []member, []any, or a scalar.
func readOrdered(dec *json.Decoder) (any, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		values := []any{}
		for dec.More() {
			value, err := readOrdered(dec)
			if err != nil {
				return nil, err
			}
			values = append(values, value)
		}
		_, err := dec.Token()
		return values, err
	case json.Delim('{'):
		members := []member{}
		for dec.More() {
			name, err := dec.Token()
			if err != nil {
				return nil, err
			}
			value, err := readOrdered(dec)
			if err != nil {
				return nil, err
			}
			members = append(members, member{name.(string), value})
		}
		_, err := dec.Token()
		return members, err
	}
	return token, nil
}

// yamlLines appends a value, its first line behind one text and every other
// behind another.
func yamlLines(b []byte, value any, first, rest string) []byte {
	lead := first
	switch v := value.(type) {
	case []member:
		for _, m := range v {
			lead += yamlScalar(m.name) + ":"
			if isNested(m.value) {
				b = append(b, lead+"\n"...)
				b = yamlLines(b, m.value, rest+"  ", rest+"  ")
			} else {
				b = yamlLines(b, m.value, lead+" ", rest)
			}
			lead = rest
		}
		if len(v) > 0 {
			return b
		}
	case []any:
		for _, item := range v {
			b = yamlLines(b, item, lead+"- ", rest+"  ")
			lead = rest
		}
		if len(v) > 0 {
			return b
		}
	}
	return append(b, first+yamlScalar(value)+"\n"...)
}

// isNested reports whether a value has lines of its own.
func isNested(value any) bool {
	switch v := value.(type) {
	case []member:
		return len(v) > 0
	case []any:
		return len(v) > 0
	}
	return false
}

// plain is a text that no reader of YAML takes for anything else, but for the
// words in notPlain.
var plain = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*$`)

var notPlain = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

func yamlScalar(value any) string {
	switch v := value.(type) {
	case string:
		if plain.MatchString(v) && !slices.Contains(notPlain, strings.ToLower(v)) {
			return v
		}
	case []member:
		return "{}"
	case []any:
		return "[]"
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(value) // a scalar that was JSON is JSON again
	return strings.TrimSpace(text.String())
}

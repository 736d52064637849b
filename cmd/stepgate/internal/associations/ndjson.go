package associations

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"slices"
)

// parseNDJSON returns the rows of NDJSON, one object a line; blank lines are
// passed over.
func parseNDJSON(data []byte) (rows []row, faults []Fault) {
	n := 0
	for line := range bytes.Lines(data) {
		n++
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		r, fault := parseObject(line, n)
		if fault != nil {
			faults = append(faults, *fault)
			continue
		}
		rows = append(rows, r)
	}
	return rows, faults
}

// parseObject reads one JSON object of texts and numbers. A number is taken as
// it is written: an id is never parsed.
func parseObject(line []byte, n int) (row, *Fault) {
	r := row{line: n}
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return row{}, &Fault{Line: n, Text: "is no JSON object"}
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return row{}, &Fault{Line: n, Text: "is no JSON: " + jsonFault(err)}
		}
		value, err := dec.Token()
		if err != nil {
			return row{}, &Fault{Line: n, Text: "is no JSON: " + jsonFault(err)}
		}
		f := field{line: n, name: name.(string)} // a decoder gives no other name of a member
		switch v := value.(type) {
		case string:
			f.value = v
		case json.Number:
			f.value = v.String()
		default:
			return row{}, &Fault{n, f.name, "is neither text nor a number"}
		}
		r.fields = append(r.fields, f)
	}
	if _, err := dec.Token(); err != nil {
		return row{}, &Fault{Line: n, Text: "is no JSON: " + jsonFault(err)}
	}
	if _, err := dec.Token(); err != io.EOF {
		return row{}, &Fault{Line: n, Text: "has something behind its object"}
	}
	return r, nil
}

func jsonFault(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "it breaks off"
	}
	return err.Error()
}

// sorted returns faults in the order of their lines.
func sorted(path string, faults []Fault) *Faults {
	slices.SortStableFunc(faults, func(a, b Fault) int { return cmp.Compare(a.Line, b.Line) })
	return &Faults{Path: path, List: faults}
}

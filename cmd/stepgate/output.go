package main

import (
	"encoding/json"
	"io"
)

// output is the form in which a command prints data.
type output struct {
	Output string `short:"o" aliases:"format" enum:"table,json,jsonl,yaml" default:"table" env:"STEPGATE_OUTPUT" placeholder:"FORM" help:"Print ${enum}: table is for people, jsonl one line an item."`
}

// document prints one value; drawn is how people see it.
func (o output) document(w io.Writer, value any, drawn func() string) error {
	switch o.Output {
	case "json":
		return writeJSON(w, value)
	case "jsonl":
		return json.NewEncoder(w).Encode(value)
	case "yaml":
		return writeYAML(w, value)
	}
	_, err := io.WriteString(w, drawn())
	return err
}

// printList prints values: as a JSON array, a line each, or a YAML list.
func printList[T any](o output, w io.Writer, values []T, drawn func() string) error {
	if o.Output == "jsonl" {
		enc := json.NewEncoder(w)
		for i := range values {
			if err := enc.Encode(values[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if values == nil {
		values = []T{}
	}
	return o.document(w, values, drawn)
}

func writeJSON(w io.Writer, value any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(value)
}

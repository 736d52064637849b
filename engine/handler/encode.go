package handler

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/stepgate/stepgate/steps"
)

// Append appends an event in structured mode, as one line without its end. It
// returns the fault of an event that is not valid.
func Append(b []byte, ev *steps.Event) ([]byte, error) {
	if err := ev.Validate(); err != nil {
		return b, err
	}
	b = append(b, `{"specversion":"1.0"`...)
	b = appendText(b, "id", ev.Key.ID)
	b = appendText(b, "source", ev.Key.Source)
	b = appendText(b, "type", ev.Kind.EventType())
	b = appendText(b, "subject", ev.StepsID.String())
	if !ev.Time.IsZero() {
		at, err := ev.Time.UTC().MarshalText()
		if err != nil {
			return b, steps.Invalid("time", "a year has four digits")
		}
		b = appendText(b, "time", string(at))
	}
	b = append(b, `,"datacontenttype":"application/json","data":{`...)
	return append(appendData(b, ev), '}', '}'), nil
}

func appendData(b []byte, ev *steps.Event) []byte {
	begin := len(b)
	switch {
	case len(ev.Steps) == 1:
		b = appendText(b, "step", ev.Steps[0])
	case len(ev.Steps) > 1:
		b = append(b, `,"steps":[`...)
		for i, step := range ev.Steps {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendQuoted(b, step)
		}
		b = append(b, ']')
	}
	if ev.Epoch != nil {
		b = append(b, `,"epoch":`...)
		b = strconv.AppendUint(b, uint64(*ev.Epoch), 10)
	}
	if ev.Plan != 0 {
		b = append(b, `,"plan":`...)
		b = strconv.AppendUint(b, uint64(ev.Plan), 10)
	}
	if ev.Actor != "" {
		b = appendText(b, "actor", ev.Actor)
	}
	if ev.Reason != "" {
		b = appendText(b, "reason", ev.Reason)
	}
	if len(b) > begin { // without the comma before the first member
		b = append(b[:begin], b[begin+1:]...)
	}
	return b
}

func appendText(b []byte, name, text string) []byte {
	b = append(b, ',', '"')
	b = append(b, name...)
	b = append(b, '"', ':')
	return appendQuoted(b, text)
}

// appendQuoted appends a text that Validate has found to be UTF-8.
func appendQuoted(b []byte, text string) []byte {
	b, _ = jsontext.AppendQuote(b, text)
	return b
}

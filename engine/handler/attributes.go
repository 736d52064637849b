package handler

import (
	"errors"
	"strings"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// The context attributes that mean something here.
const (
	specversion = iota
	id
	source
	eventType
	subject
	happened
	contentType
	attributeCount
)

var attributeNames = [attributeCount]string{
	"specversion", "id", "source", "type", "subject", "time", "datacontenttype",
}

// attributes are an event's context attributes as they came; "" is absent.
type attributes [attributeCount]string

// attributeOf returns the number of an attribute, or -1.
func attributeOf(name []byte) int {
	for i := range attributeNames {
		if attributeNames[i] == string(name) {
			return i
		}
	}
	return -1
}

// fill puts what the attributes say into an event, of which the data is read
// already, and returns the first fault of the whole.
func (a *attributes) fill(ev *steps.Event) error {
	switch a[specversion] {
	case "1.0":
	case "":
		return steps.Missing("specversion", `an event is a CloudEvent of specversion "1.0"`)
	default:
		return steps.Invalid("specversion", `an event is a CloudEvent of specversion "1.0"`)
	}
	ev.Key = steps.EventID(a[source], a[id])
	if a[eventType] == "" {
		return steps.Missing("type", "an event has a type, such as "+steps.Completed.EventType())
	}
	ev.Kind = steps.KindOf(a[eventType])
	if err := a.fillSubject(ev); err != nil {
		return err
	}
	if err := a.fillTime(ev); err != nil {
		return err
	}
	media, err := mediaType(a[contentType])
	if err != nil || !isJSON(media) {
		return steps.Invalid("datacontenttype", "the data is JSON: "+jsonType)
	}
	return ev.Validate()
}

// fillSubject leaves the stepsID zero where there is none: Validate says so in
// its turn.
func (a *attributes) fillSubject(ev *steps.Event) (err error) {
	if a[subject] == "" {
		return nil
	}
	ev.StepsID, err = steps.ParseID(a[subject])
	if typed, ok := errors.AsType[*steps.Error](err); ok {
		return steps.Invalid("subject", "the subject is the stepsID of the activation: "+typed.Detail)
	}
	return err
}

func (a *attributes) fillTime(ev *steps.Event) error {
	if a[happened] == "" {
		return nil
	}
	at, ok := parseTime(a[happened])
	if !ok {
		return steps.Invalid("time", `a time is like "2026-01-31T12:00:00Z" (RFC 3339)`)
	}
	ev.Time = at
	return nil
}

// parseTime reads a time of RFC 3339 that is one in UTC as well. Package time
// also takes an hour of one digit and a comma before the fraction
// (go.dev/issue/54580).
func parseTime(text string) (time.Time, bool) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || text[len("2006-01-02T15")] != ':' || strings.Contains(text, ",") {
		return time.Time{}, false
	}
	at = at.UTC()
	return at, at.Year() >= 0 && at.Year() <= 9999
}

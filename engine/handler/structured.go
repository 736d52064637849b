package handler

import (
	"fmt"

	"github.com/stepgate/stepgate/engine/internal/strictjson"
	"github.com/stepgate/stepgate/steps"
)

// Decode reads an event in structured mode, of at most MaxBytes.
func Decode(text []byte) (steps.Event, error) {
	if len(text) > MaxBytes {
		return steps.Event{}, tooLarge(whole)
	}
	in := strictjson.Open(text)
	defer in.Close()
	ev, err := readEvent(in)
	if err != nil {
		return steps.Event{}, err
	}
	if err := in.End(); err != nil {
		return steps.Event{}, fault(whole, "", err)
	}
	return ev, nil
}

// DecodeBatch reads events in batch mode: at most MaxBatch, of at most MaxBytes
// together. Where one is faulty there is none.
func DecodeBatch(text []byte) ([]steps.Event, error) {
	if len(text) > MaxBytes {
		return nil, tooLarge("events")
	}
	in := strictjson.Open(text)
	defer in.Close()
	if err := in.Begin('['); err != nil {
		return nil, batchFault(err)
	}
	events := []steps.Event{}
	for {
		more, err := in.More()
		if err != nil {
			return nil, batchFault(err)
		}
		if !more {
			break
		}
		if len(events) == MaxBatch {
			return nil, steps.Invalid("events", fmt.Sprintf("a batch holds at most %d events: send several", MaxBatch))
		}
		ev, err := readEvent(in)
		if err != nil {
			return nil, inBatch(len(events), err)
		}
		events = append(events, ev)
	}
	if err := in.End(); err != nil {
		return nil, batchFault(err)
	}
	return events, nil
}

// readEvent reads the next value as an event.
func readEvent(in *strictjson.Reader) (steps.Event, error) {
	var ev steps.Event
	var attributes attributes
	err := in.Object(func(name []byte) error { return readMember(in, name, &attributes, &ev) })
	if err != nil {
		return ev, fault(whole, "a JSON object", err)
	}
	return ev, attributes.fill(&ev)
}

// readMember reads a member of the envelope.
func readMember(in *strictjson.Reader, name []byte, attributes *attributes, ev *steps.Event) (err error) {
	if i := attributeOf(name); i >= 0 {
		attributes[i], err = in.Text()
		return fault(attributeNames[i], "a text", err)
	}
	switch string(name) {
	case "data":
		return readData(in, ev)
	case "data_base64", "step", "steps", "epoch":
		if in.Null() {
			return nil
		}
		return misplaced(string(name))
	}
	if !isAttribute(name) {
		return steps.Invalid(whole, fmt.Sprintf("%q is no CloudEvents attribute: those are named with a to z and 0 to 9", shortened(name)))
	}
	_, _, err = in.Scalar()
	return fault(whole, "an object of texts, numbers and booleans, but for its data", err)
}

// misplaced says where a member of the envelope belongs that would be taken for
// an extension.
func misplaced(name string) error {
	if name == "data_base64" {
		return steps.Invalid("data", "send the data as JSON, in the member data")
	}
	return steps.Invalid(name, "it belongs into the data")
}

// isAttribute reports whether a CloudEvents attribute may have this name.
func isAttribute(name []byte) bool {
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return len(name) > 0
}

// shortened returns a name of the sender's for an error.
func shortened(name []byte) []byte { return name[:min(len(name), 64)] }

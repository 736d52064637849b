// Package handler reads the events that come from outside.
//
// An event is a CloudEvent 1.0 in JSON: in structured mode (one JSON object),
// in binary mode (attributes in headers, data in the body), in batch mode (a
// JSON array), or one a line.
//
//	{"specversion": "1.0", "id": "e-1", "source": "sms",
//	 "type": "stepgate.step.completed.v1", "subject": "132324",
//	 "time": "2026-01-31T12:00:00Z",
//	 "data": {"step": "trustedPhone", "epoch": 0, "actor": "ann", "reason": "PIN"}}
//
// The subject is the stepsID. Data has "step" or "steps", not both, or neither;
// how many an event names depends on its type, as does whether "plan", "actor"
// and "reason" are needed (steps.Event.Validate). Of the envelope only id,
// source, type, subject and specversion are. A member that is null is absent.
//
// The data is ours, so a member that it does not have is refused: else a
// misspelt epoch would let a late event count. The envelope is everybody's, so
// other attributes (extensions) are ignored, as long as they are attributes:
// letters a to z and digits, with a text, number or boolean.
//
// Every error is a *steps.Error that names the member at fault in Parameter:
// "subject", "epoch", "events[3].id" in a batch, "event" where the whole is no
// event.
package handler

import (
	"mime"
	"strings"

	"github.com/stepgate/stepgate/steps"
)

// Limits on what is read at once.
const (
	MaxBytes = 1 << 20 // of an event, or of a batch
	MaxBatch = 1000    // events of a batch
)

// The media types of the modes. In binary mode it is the data's, JSON.
const (
	Structured = "application/cloudevents+json"
	Batch      = "application/cloudevents-batch+json"
)

const jsonType = "application/json"

// Header is the headers of a message. http.Header is one.
type Header interface {
	// Values returns the values of a header, whose name may be in any case.
	Values(name string) []string
}

// DecodeMessage reads the event or the events of a message, in whichever mode its
// headers say: at most MaxBatch, of at most MaxBytes together. It keeps nothing
// of body.
func DecodeMessage(header Header, body []byte) ([]steps.Event, error) {
	contentType, err := one(header, "Content-Type")
	if err != nil {
		return nil, err
	}
	mode, err := mediaType(contentType)
	switch {
	case err != nil:
		return nil, err
	case mode == Structured:
		ev, err := Decode(body)
		return []steps.Event{ev}, err
	case mode == Batch:
		return DecodeBatch(body)
	case strings.HasPrefix(mode, "application/cloudevents"), !isBinary(header):
		return nil, steps.Invalid("Content-Type", "send "+Structured+", "+Batch+", or the ce- headers with "+jsonType)
	}
	ev, err := decodeBinary(header, mode, body)
	return []steps.Event{ev}, err
}

// mediaType returns the media type of a Content-Type, in small letters, or "".
func mediaType(contentType string) (string, error) {
	switch contentType {
	case "", Structured, Batch, jsonType:
		return contentType, nil
	}
	media, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "", steps.Invalid("Content-Type", "the content type cannot be read")
	}
	if charset := parameters["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return "", steps.Invalid("Content-Type", "the charset is utf-8")
	}
	return media, nil
}

// isJSON reports whether data of a media type is JSON; none said is JSON.
func isJSON(media string) bool {
	return media == "" || media == jsonType || strings.HasSuffix(media, "+json")
}

// one returns the value of a header that may stand once, or "".
func one(header Header, name string) (string, error) {
	values := header.Values(name)
	switch len(values) {
	case 0:
		return "", nil
	case 1:
		return values[0], nil
	}
	return "", steps.Invalid(name, "the header stands twice")
}

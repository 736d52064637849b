package handler

import (
	"net/url"
	"strings"

	"github.com/stepgate/stepgate/engine/internal/strictjson"
	"github.com/stepgate/stepgate/steps"
)

// attributeHeaders are the headers of the attributes in binary mode.
var attributeHeaders = [attributeCount]string{
	"Ce-Specversion", "Ce-Id", "Ce-Source", "Ce-Type", "Ce-Subject", "Ce-Time", "Content-Type",
}

// isBinary reports whether any header makes the message an event in binary
// mode, so that what is missing can be named.
func isBinary(header Header) bool {
	for _, name := range attributeHeaders[:contentType] {
		if len(header.Values(name)) > 0 {
			return true
		}
	}
	return false
}

// decodeBinary reads an event whose attributes stand in headers and whose data,
// of a media type, is the body.
func decodeBinary(header Header, media string, body []byte) (steps.Event, error) {
	var ev steps.Event
	if len(body) > MaxBytes {
		return ev, tooLarge("data")
	}
	attributes := attributes{contentType: media}
	for i, name := range attributeHeaders[:contentType] {
		value, err := one(header, name)
		if err != nil {
			return ev, err
		}
		if attributes[i], err = headerText(value); err != nil {
			return ev, steps.Invalid(name, "the header's escapes cannot be read: write a % as %25")
		}
	}
	for _, name := range [...]string{"Ce-Step", "Ce-Steps", "Ce-Epoch"} {
		if len(header.Values(name)) > 0 {
			return ev, steps.Invalid(name, "it belongs into the data")
		}
	}
	if len(body) > 0 {
		in := strictjson.Open(body)
		defer in.Close()
		if err := readData(in, &ev); err != nil {
			return steps.Event{}, err
		}
		if err := in.End(); err != nil {
			return steps.Event{}, fault(whole, "", err)
		}
	}
	if err := attributes.fill(&ev); err != nil {
		return steps.Event{}, err
	}
	return ev, nil
}

// headerText undoes what the CloudEvents HTTP binding does to a text that
// becomes a header: quotes around it, and percent escapes.
func headerText(value string) (string, error) {
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		value = unquoted(value[1 : len(value)-1])
	}
	if !strings.Contains(value, "%") {
		return value, nil
	}
	return url.PathUnescape(value)
}

// unquoted undoes the backslashes of a quoted string (RFC 9110, 5.6.4).
func unquoted(value string) string {
	if !strings.Contains(value, `\`) {
		return value
	}
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] == '\\' && i+1 < len(value) {
			i++
		}
		b.WriteByte(value[i])
	}
	return b.String()
}

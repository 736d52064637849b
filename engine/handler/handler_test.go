package handler_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine/handler"
	"github.com/stepgate/stepgate/steps"
)

const text = `{"specversion":"1.0","id":"e-1","source":"sms","type":"stepgate.step.completed.v1",` +
	`"subject":"132324","time":"2026-01-31T12:00:00.5+01:00","datacontenttype":"application/json","traceparent":"00-1","retries":2,"dry":false,` +
	`"data":{"steps":["trustedPhone","deviceActivation"],"epoch":3,"actor":"ann","reason":"PIN"}}`

const moved = `{"specversion":"1.0","id":"e-2","source":"desk","type":"stepgate.activation.moved.v1",` +
	`"subject":"132324","data":{"plan":2,"actor":"ann","reason":"the new plan"}}`

func want() steps.Event {
	ev := steps.Completion(steps.EventID("sms", "e-1"), 132324, steps.TrustedPhone, steps.DeviceActivation)
	ev.Epoch = new(uint32(3))
	ev.Time = time.Date(2026, 1, 31, 11, 0, 0, 5e8, time.UTC)
	ev.Actor, ev.Reason = "ann", "PIN"
	return ev
}

// requireEvent compares events, their times as moments.
func requireEvent(t *testing.T, want, got steps.Event) {
	t.Helper()
	require.True(t, want.Time.Equal(got.Time), "%v, %v", want.Time, got.Time)
	want.Time, got.Time = time.Time{}, time.Time{}
	require.Equal(t, want, got)
}

// TestModes: an event is the same in every mode.
func TestModes(t *testing.T) {
	structured, err := handler.DecodeMessage(http.Header{"Content-Type": {handler.Structured + "; charset=UTF-8"}}, []byte(text))
	require.NoError(t, err)
	require.Len(t, structured, 1)
	requireEvent(t, want(), structured[0])

	batch, err := handler.DecodeMessage(http.Header{"Content-Type": {handler.Batch}}, []byte("["+text+",\n"+text+"]"))
	require.NoError(t, err)
	require.Len(t, batch, 2)
	requireEvent(t, want(), batch[1])

	binary, err := handler.DecodeMessage(http.Header{
		"Content-Type": {"application/json"}, "Ce-Specversion": {"1.0"}, "Ce-Id": {"e-1"}, "Ce-Source": {"sms"},
		"Ce-Type": {"stepgate.step.completed.v1"}, "Ce-Subject": {"132324"}, "Ce-Time": {"2026-01-31T11:00:00.5Z"}, "Ce-Extra": {"x"},
	}, []byte(`{"steps":["trustedPhone","deviceActivation"],"epoch":3,"actor":"ann","reason":"PIN"}`))
	require.NoError(t, err)
	requireEvent(t, want(), binary[0])

	empty, err := handler.DecodeMessage(http.Header{"Content-Type": {handler.Batch}}, []byte("[]"))
	require.NoError(t, err)
	require.Empty(t, empty)
}

// TestEveryKind: an event of each kind is read as it was written, in both modes
// of one event.
func TestEveryKind(t *testing.T) {
	kinds := 0
	for kind := steps.Created; kind.String() != ""; kind++ {
		if kind.EventType() == "" {
			continue
		}
		kinds++
		ev := steps.Event{Key: steps.EventID("desk", "e-2"), Kind: kind, StepsID: 132324, Actor: "ann", Reason: "lost"}
		switch kind {
		case steps.Moved:
			ev.Plan = 2
		case steps.Cancelled:
		default:
			ev.Steps = []string{steps.MediumCarKey}
		}
		line, err := handler.Append(nil, &ev)
		require.NoError(t, err)
		read, err := handler.Decode(line)
		require.NoError(t, err, string(line))
		requireEvent(t, ev, read)

		_, data, _ := strings.Cut(string(line), `"data":`)
		binary, err := handler.DecodeMessage(http.Header{
			"Ce-Specversion": {"1.0"}, "Ce-Id": {"e-2"}, "Ce-Source": {"desk"}, "Ce-Type": {kind.EventType()}, "Ce-Subject": {"132324"},
		}, []byte(strings.TrimSuffix(data, "}")))
		require.NoError(t, err)
		requireEvent(t, ev, binary[0])
	}
	require.Equal(t, 8, kinds)
}

// TestLines: a bad line is said with its number, and the others are read.
func TestLines(t *testing.T) {
	in := handler.NewReader(strings.NewReader(text + "\n\n  \nnonsense\n" + strings.Repeat("x", handler.MaxBytes+10) + "\n" + text))
	var read int
	var faults []string
	for {
		ev, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			require.ErrorIs(t, err, steps.ErrInvalid)
			faults = append(faults, err.Error()[:7])
			continue
		}
		requireEvent(t, want(), ev)
		read++
	}
	require.Equal(t, 2, read)
	require.Equal(t, []string{"line 4:", "line 5:"}, faults)
}

// TestBatchSaysWhere: the place of a faulty event is part of what is at fault.
func TestBatchSaysWhere(t *testing.T) {
	_, err := handler.DecodeBatch([]byte("[" + text + "," + strings.Replace(text, `"id":"e-1",`, "", 1) + "]"))
	typed, ok := errors.AsType[*steps.Error](err)
	require.True(t, ok)
	require.Equal(t, "events[1].id", typed.Parameter)
	require.Equal(t, steps.CodeMissing, typed.Code)

	_, err = handler.DecodeBatch([]byte("[" + strings.Repeat(text+",", handler.MaxBatch) + text + "]"))
	require.ErrorIs(t, err, steps.ErrInvalid)
}

// TestHeaders that do not say one event.
func TestHeaders(t *testing.T) {
	ce := func(change func(http.Header)) http.Header {
		h := http.Header{
			"Ce-Specversion": {"1.0"}, "Ce-Id": {"e-1"}, "Ce-Source": {"sms"},
			"Ce-Type": {"stepgate.activation.reset.v1"}, "Ce-Subject": {"132324"},
		}
		change(h)
		return h
	}
	_, err := handler.DecodeMessage(ce(func(http.Header) {}), nil)
	require.NoError(t, err, "a reset needs no data")
	for name, header := range map[string]http.Header{
		"none":               {},
		"another media":      {"Content-Type": {"text/plain"}},
		"a media twice":      {"Content-Type": {handler.Structured, handler.Structured}},
		"unreadable media":   {"Content-Type": {";"}},
		"another charset":    {"Content-Type": {handler.Structured + "; charset=latin1"}},
		"another form":       {"Content-Type": {"application/cloudevents+avro"}},
		"an attribute twice": ce(func(h http.Header) { h["Ce-Id"] = []string{"a", "b"} }),
		"no id":              ce(func(h http.Header) { delete(h, "Ce-Id") }),
		"another version":    ce(func(h http.Header) { h["Ce-Specversion"] = []string{"0.3"} }),
		"data of no JSON":    ce(func(h http.Header) { h["Content-Type"] = []string{"application/xml"} }),
	} {
		_, err := handler.DecodeMessage(header, []byte(`{}`))
		_, ok := errors.AsType[*steps.Error](err)
		require.True(t, ok, "%s: %v", name, err)
	}
}

// FuzzDecode: whatever comes, there is an error that names its fault, or an
// event that can be judged and that comes back the same when it is encoded.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(text))
	for _, seed := range []string{
		"", "{", "[]", "null", `{"id":null}`, text + "x", strings.Replace(text, "steps", "step", 1),
		strings.Replace(text, "completed", "failed", 1), strings.Replace(text, `"epoch":3`, `"epoch":4294967296`, 1),
		strings.Replace(text, "step.completed", "activation.reset", 1), moved,
		strings.Replace(moved, "activation.moved", "activation.unlocked", 1), strings.Replace(moved, `"plan":2`, `"step":"a"`, 1),
		strings.Replace(moved, `"plan":2`, `"plan":0`, 1), strings.Replace(moved, `"data"`, `"data_base64":null,"data"`, 1),
		strings.Replace(text, "ann", `\ud800`, 1),
		strings.Repeat(`{"data":`, 50), strings.Replace(text, "132324", "0132324", 1), strings.Replace(text, `"id"`, `"id":"x","id"`, 1),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		ev, err := handler.Decode(in)
		if err != nil {
			typed, ok := errors.AsType[*steps.Error](err)
			require.True(t, ok)
			require.NotEmpty(t, typed.Parameter)
			return
		}
		require.NoError(t, ev.Validate())
		encoded, err := handler.Append(nil, &ev)
		require.NoError(t, err)
		again, err := handler.Decode(encoded)
		require.NoError(t, err, string(encoded))
		requireEvent(t, ev, again)
	})
}

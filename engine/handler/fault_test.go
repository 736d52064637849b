package handler_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine/handler"
	"github.com/stepgate/stepgate/steps"
)

// requireFault holds an error against a code and a parameter.
func requireFault(t *testing.T, code steps.Code, parameter string, err error) {
	t.Helper()
	typed, ok := errors.AsType[*steps.Error](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, fmt.Sprintf("%d %s", code, parameter), fmt.Sprintf("%d %s", typed.Code, typed.Parameter), typed.Error())
	require.NotEmpty(t, typed.Detail)
}

// TestFaults: each fault of an event is told by its code and the member.
func TestFaults(t *testing.T) {
	deep := strings.Repeat("[", 20) + strings.Repeat("]", 20)
	for _, row := range []struct {
		old, by   string
		code      steps.Code
		parameter string
	}{
		{`"specversion":"1.0",`, ``, 2101, "specversion"},
		{`"specversion":"1.0"`, `"specversion":"0.3"`, 2102, "specversion"},
		{`"specversion":"1.0"`, `"specversion":1.0`, 2102, "specversion"},
		{`"id":"e-1",`, ``, 2101, "id"},
		{`"id":"e-1"`, `"id":null`, 2101, "id"},
		{`"id":"e-1"`, `"id":""`, 2101, "id"},
		{`"id":"e-1"`, `"id":1`, 2102, "id"},
		{`"id":"e-1"`, `"id":"\u0000"`, 2102, "id"},
		{`"id":"e-1"`, `"id":"` + strings.Repeat("i", 257) + `"`, 2102, "id"},
		{`"id":"e-1"`, `"id":"a","id":"a"`, 2102, "event"},
		{`"id":"e-1"`, `"id":"a","i\u0064":"a"`, 2102, "event"},
		{`"id":"e-1"`, "\"id\":\"\xff\"", 2102, "event"},
		{`"id":"e-1"`, `"id":"\ud800"`, 2102, "event"},
		{`"id":"e-1"`, "\"id\":\"a\x00\"", 2102, "event"},
		{`"source":"sms",`, ``, 2101, "source"},
		{`"source":"sms"`, `"source":["sms"]`, 2102, "source"},
		{`"type":"stepgate.step.completed.v1",`, ``, 2101, "type"},
		{`stepgate.step.completed.v1`, `stepgate.step.done.v1`, 2102, "type"},
		{`stepgate.step.completed.v1`, `Stepgate.step.completed.v1`, 2102, "type"},
		{`"subject":"132324",`, ``, 2101, "subject"},
		{`"132324"`, `132324`, 2102, "subject"},
		{`"132324"`, `"0"`, 2102, "subject"},
		{`"132324"`, `"-1"`, 2102, "subject"},
		{`"132324"`, `"9007199254740992"`, 2102, "subject"},
		{`"132324"`, `" 132324"`, 2102, "subject"},
		{`"132324"`, `"1e5"`, 2102, "subject"},
		{`"132324"`, `"` + strings.Repeat("1", 10_000) + `"`, 2102, "subject"},
		{`2026-01-31T12:00:00.5+01:00`, `2026-01-31 12:00:00`, 2102, "time"},
		{`2026-01-31T12:00:00.5+01:00`, `2026-01-31T9:00:00Z`, 2102, "time"},
		{`2026-01-31T12:00:00.5+01:00`, `2026-01-31T12:00:00,5Z`, 2102, "time"},
		{`2026-01-31T12:00:00.5+01:00`, `2026-01-31T12:00:00+25:00`, 2102, "time"},
		{`2026-01-31T12:00:00.5+01:00`, `2026-02-30T12:00:00Z`, 2102, "time"},
		{`2026-01-31T12:00:00.5+01:00`, `9999-12-31T23:00:00-02:00`, 2102, "time"},
		{`2026-01-31T12:00:00.5+01:00`, `0000-01-01T00:00:00+02:00`, 2102, "time"},
		{`"datacontenttype":"application/json"`, `"datacontenttype":"text/plain"`, 2102, "datacontenttype"},
		{`"retries":2`, `"retries":{}`, 2102, "event"},
		{`"retries":2`, `"retries":` + deep, 2102, "event"},
		{`"retries":2`, `"Retries":2`, 2102, "event"},
		{`"retries":2`, `"":2`, 2102, "event"},
		{`"retries":2`, `"epoch":2`, 2102, "epoch"},
		{`"retries":2`, `"step":"trustedPhone"`, 2102, "step"},
		{`"retries":2`, `"data_base64":""`, 2102, "data"},
		{`"data":{`, `"data":[{`, 2102, "data"},
		{`"epoch":3`, `"epoch":-1`, 2102, "epoch"},
		{`"epoch":3`, `"epoch":3.0`, 2102, "epoch"},
		{`"epoch":3`, `"epoch":3e0`, 2102, "epoch"},
		{`"epoch":3`, `"epoch":"3"`, 2102, "epoch"},
		{`"epoch":3`, `"epoch":4294967296`, 2102, "epoch"},
		{`"epoch":3`, `"plan":2`, 2102, "plan"},
		{`"epoch":3`, `"plan":0`, 2102, "plan"},
		{`"epoch":3`, `"plan":"2"`, 2102, "plan"},
		{`"epoch":3`, `"plan":2.0`, 2102, "plan"},
		{`"epoch":3`, `"plan":4294967296`, 2102, "plan"},
		{`"epoch":3`, `"version":2`, 2102, "data"},
		{`"epoch":3`, `"Epoch":3`, 2102, "data"},
		{`"epoch":3`, `"epcoh":3`, 2102, "data"},
		{`"epoch":3`, `"stepsID":3`, 2102, "data"},
		{`"actor":"ann"`, `"actor":["ann"]`, 2102, "actor"},
		{`"reason":"PIN"`, `"reason":true`, 2102, "reason"},
		{`"reason":"PIN"`, `"reason":"` + strings.Repeat("r", 1025) + `"`, 2102, "reason"},
		{`"steps":["trustedPhone","deviceActivation"],`, ``, 2101, "step"},
		{`["trustedPhone","deviceActivation"]`, `[]`, 2101, "step"},
		{`["trustedPhone","deviceActivation"]`, `["trustedPhone",""]`, 2102, "steps"},
		{`["trustedPhone","deviceActivation"]`, `["trustedPhone",1]`, 2102, "steps"},
		{`["trustedPhone","deviceActivation"]`, `["trustedPhone","trustedPhone"]`, 2102, "steps"},
		{`["trustedPhone","deviceActivation"]`, `"trustedPhone"`, 2102, "steps"},
		{`["trustedPhone","deviceActivation"]`, `["trustedPhone"],"step":"trustedPhone"`, 2102, "steps"},
		{`["trustedPhone","deviceActivation"]`, `["trustedPhone"],"step":1`, 2102, "step"},
		{`step.completed`, `activation.reset`, 2102, "steps"},
		{`step.completed`, `step.overridden`, 2102, "steps"},
		{`step.completed`, `step.revoked`, 2102, "steps"},
		{`step.completed`, `activation.unlocked`, 2102, "steps"},
		{`step.completed`, `activation.cancelled`, 2102, "steps"},
		{`step.completed`, `activation.moved`, 2102, "steps"},
		{`step.completed`, `activation.created`, 2102, "type"},
		{`step.completed`, `activation.erased`, 2102, "type"},
		{`}}`, `}`, 2102, "event"},
		{`}}`, `}}}`, 2102, "event"},
		{`}}`, `}} {}`, 2102, "event"},
		{`}}`, `,}}`, 2102, "event"},
		{`{"specversion"`, `{specversion`, 2102, "event"},
		{text, `null`, 2102, "event"},
		{text, ``, 2102, "event"},
		{text, deep, 2102, "event"},
		{text, strings.Repeat(" ", handler.MaxBytes+1), 2102, "event"},
	} {
		require.Contains(t, text, row.old)
		_, err := handler.Decode([]byte(strings.Replace(text, row.old, row.by, 1)))
		requireFault(t, row.code, row.parameter, err)
	}
}

// TestOperatorsActs: each kind of act says what it lacks.
func TestOperatorsActs(t *testing.T) {
	for _, row := range []struct {
		kind, data string
		code       steps.Code // 0: it is an event
		parameter  string
	}{
		{"step.overridden", `"step":"mediumCarKey"`, 0, ""},
		{"step.overridden", ``, 2101, "step"},
		{"step.overridden", `"steps":[]`, 2101, "step"},
		{"step.revoked", `"step":"mediumCarKey"`, 0, ""},
		{"step.revoked", ``, 2101, "step"},
		{"activation.unlocked", `"step":"mediumCarKey"`, 0, ""},
		{"activation.unlocked", ``, 0, ""},
		{"activation.moved", `"plan":2`, 0, ""},
		{"activation.moved", `"plan":4294967295`, 0, ""},
		{"activation.moved", ``, 2101, "plan"},
		{"activation.moved", `"plan":null`, 2101, "plan"},
		{"activation.moved", `"plan":2,"step":"mediumCarKey"`, 2102, "steps"},
		{"activation.cancelled", ``, 0, ""},
		{"activation.cancelled", `"step":"mediumCarKey"`, 2102, "steps"},
		{"activation.cancelled", `"plan":2`, 2102, "plan"},
	} {
		act := func(said ...string) error {
			if row.data != "" {
				said = append(said, row.data)
			}
			_, err := handler.Decode([]byte(`{"specversion":"1.0","id":"e","source":"s","type":"stepgate.` + row.kind +
				`.v1","subject":"1","data":{` + strings.Join(said, ",") + `}}`))
			return err
		}
		err := act(`"actor":"ann"`, `"reason":"lost"`)
		if row.code != 0 {
			requireFault(t, row.code, row.parameter, err)
			continue
		}
		require.NoError(t, err, "%+v", row)
		requireFault(t, 2101, "actor", act(`"reason":"lost"`))
		requireFault(t, 2101, "reason", act(`"actor":"ann"`))
	}
}

// TestBatchFaults are about the batch, or about one of its events.
func TestBatchFaults(t *testing.T) {
	for body, parameter := range map[string]string{
		``: "events", `{}`: "events", `null`: "events", `[`: "events[0]", `[` + text: "events[1]",
		`[` + text + `]]`: "events", `[` + text + `,]`: "events[1]", `[1]`: "events[0]",
		`[` + text + `,{"id":1}]`:               "events[1].id",
		strings.Repeat(" ", handler.MaxBytes+1): "events",
	} {
		_, err := handler.DecodeBatch([]byte(body))
		requireFault(t, 2102, parameter, err)
	}
}

// TestBinaryFaults name the header or the member.
func TestBinaryFaults(t *testing.T) {
	header := func(name, value string) http.Header {
		h := http.Header{
			"Content-Type": {"application/json"}, "Ce-Specversion": {"1.0"}, "Ce-Id": {"e-1"}, "Ce-Source": {"sms"},
			"Ce-Type": {"stepgate.step.completed.v1"}, "Ce-Subject": {"132324"},
		}
		h.Set(name, value)
		return h
	}
	const data = `{"step":"trustedPhone"}`
	for _, row := range []struct {
		header    http.Header
		body      string
		code      steps.Code
		parameter string
	}{
		{header("ce-id", ""), data, 2101, "id"},
		{header("ce-id", "100%"), data, 2102, "Ce-Id"},
		{header("ce-id", "a%00"), data, 2102, "id"},
		{header("ce-id", "%ff"), data, 2102, "id"},
		{header("ce-epoch", "1"), data, 2102, "Ce-Epoch"},
		{header("ce-step", "trustedPhone"), data, 2102, "Ce-Step"},
		{header("content-type", "text/plain"), data, 2102, "datacontenttype"},
		{header("ce-x", ""), "", 2101, "step"},
		{header("ce-x", ""), `[]`, 2102, "data"},
		{header("ce-x", ""), data + "x", 2102, "event"},
		{header("ce-x", ""), strings.Repeat(" ", handler.MaxBytes+1), 2102, "data"},
	} {
		_, err := handler.DecodeMessage(row.header, []byte(row.body))
		requireFault(t, row.code, row.parameter, err)
	}
}

// TestHeaderEscapes are undone as the CloudEvents HTTP binding says.
func TestHeaderEscapes(t *testing.T) {
	for header, id := range map[string]string{
		`plain`: `plain`, `Euro%20%E2%82%AC`: `Euro €`, `"in quotes"`: `in quotes`, `"a\"b\\c"`: `a"b\c`, `100%25`: `100%`, `"`: `"`,
	} {
		events, err := handler.DecodeMessage(http.Header{
			"Ce-Specversion": {"1.0"}, "Ce-Id": {header}, "Ce-Source": {"sms"},
			"Ce-Type": {"stepgate.activation.reset.v1"}, "Ce-Subject": {"1"},
		}, nil)
		require.NoError(t, err, header)
		require.Equal(t, id, events[0].Key.ID)
	}
}

// TestNulls: a member that is null is absent.
func TestNulls(t *testing.T) {
	ev, err := handler.Decode([]byte(`{"specversion":"1.0","id":"e","source":"s","type":"stepgate.activation.reset.v1","subject":"1",
		"time":null,"datacontenttype":null,"extra":null,"data_base64":null,"epoch":null,"step":null,"steps":null,
		"data":{"step":null,"steps":null,"epoch":null,"plan":null,"actor":null,"reason":null}}`))
	require.NoError(t, err)
	want := steps.Event{Key: steps.EventID("s", "e"), Kind: steps.Reset, StepsID: 1}
	require.Equal(t, want, ev)
	ev, err = handler.Decode([]byte(`{"specversion":"1.0","id":"e","source":"s","type":"stepgate.activation.reset.v1","subject":"1","data":null}`))
	require.NoError(t, err)
	require.Equal(t, want, ev)
}

// TestAppendRefuses what no reader would take.
func TestAppendRefuses(t *testing.T) {
	ev := want()
	ev.Key.Source = ""
	_, err := handler.Append(nil, &ev)
	requireFault(t, 2101, "source", err)
	ev = want()
	ev.Time = ev.Time.AddDate(9000, 0, 0)
	_, err = handler.Append(nil, &ev)
	requireFault(t, 2102, "time", err)
}

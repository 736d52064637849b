package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
)

// libraryCall is a row's call of the engine itself.
type libraryCall func(ctx context.Context, e *engine.Engine, id steps.ID) error

var everyRight = steps.Caller{User: "dev", Device: "dev", Rights: steps.AllRights, Channel: "test"}

// askedThreeWays returns rows of one bad request: over /pims, over /v1 where
// that takes such a request, and of the library. A StepsID of 1 stands for the
// one of the activation.
func askedThreeWays(name string, req engine.StepsRequest, code steps.Code, parameter string) []badInput {
	label := strings.Replace(code.Label(), "[PARAMETER]", parameter, 1)
	query := url.Values{}
	body := map[string]json.RawMessage{}
	for name, text := range map[string]string{"carAssociationID": req.CarAssociationID, "vin": req.VIN, "stepsStatus": string(req.Filter)} {
		if text != "" {
			query.Set(name, text)
			body[name] = json.RawMessage(`"` + text + `"`)
			if utf8.ValidString(text) {
				body[name], _ = json.Marshal(text)
			}
		}
	}
	path := "/pims/pims.subscription.steps?" + query.Encode()
	switch req.StepsID {
	case 0:
	case 1:
		path += "&stepsID={id}"
	default:
		path += "&stepsID=" + req.StepsID.String()
	}
	rows := []badInput{
		{name: "pims: " + name, method: "GET", path: path, code: code, label: label},
		{name: "library: " + name, code: code, library: func(ctx context.Context, e *engine.Engine, id steps.ID) error {
			if req.StepsID == 1 {
				req.StepsID = id
			}
			_, err := e.Steps(ctx, everyRight, req)
			return err
		}},
	}
	if req.StepsID != 0 || req.Filter != "" {
		return rows
	}
	native := badInput{name: "v1: " + name, method: "POST", path: "/v1/activations", media: "application/json", code: code, label: label}
	members := make([]string, 0, len(body))
	for name, value := range body {
		members = append(members, strconv.Quote(name)+":"+string(value))
	}
	native.body = "{" + strings.Join(members, ",") + "}"
	return append(rows, native)
}

// badAsks are the requests for a list that no way of asking takes.
func badAsks() []badInput {
	long := strings.Repeat("9", 10_000)
	var rows []badInput
	for _, r := range []struct {
		name      string
		req       engine.StepsRequest
		code      steps.Code
		parameter string
	}{
		{"nothing named", engine.StepsRequest{}, 2101, "carAssociationID"},
		{"unknown association", engine.StepsRequest{CarAssociationID: "unknown"}, 2102, "carAssociationID"},
		{"association of somebody else", engine.StepsRequest{CarAssociationID: "foreign"}, 2102, "carAssociationID"},
		{"association with spaces", engine.StepsRequest{CarAssociationID: " 987654"}, 2102, "carAssociationID"},
		{"association without a plan", engine.StepsRequest{CarAssociationID: "planless"}, 2000, ""},
		{"association of 10 kB", engine.StepsRequest{CarAssociationID: long}, 2102, "carAssociationID"},
		{"association with NUL", engine.StepsRequest{CarAssociationID: "a\x00b"}, 2102, "carAssociationID"},
		{"association not UTF-8", engine.StepsRequest{CarAssociationID: "a\xff"}, 2102, "carAssociationID"},
		{"unknown vin", engine.StepsRequest{VIN: "unknown"}, 2102, "vin"},
		{"vin with two associations", engine.StepsRequest{VIN: "VIN-twins"}, 2102, "vin"},
		{"vin of 10 kB", engine.StepsRequest{VIN: long}, 2102, "vin"},
		{"vin with NUL", engine.StepsRequest{VIN: "a\x00b"}, 2102, "vin"},
		{"vin not UTF-8", engine.StepsRequest{VIN: "a\xff"}, 2102, "vin"},
		{"association and vin", engine.StepsRequest{CarAssociationID: "987654", VIN: "VIN-987654"}, 2102, "stepsID"},
		{"association and stepsID", engine.StepsRequest{CarAssociationID: "987654", StepsID: 1}, 2102, "stepsID"},
		{"unknown status", engine.StepsRequest{StepsID: 1, Filter: "done"}, 2102, "stepsStatus"},
		{"stepsID beyond 2^53", engine.StepsRequest{StepsID: steps.MaxID + 1}, 2102, "stepsID"},
		{"unknown stepsID", engine.StepsRequest{StepsID: 7}, 2346, ""},
	} {
		rows = append(rows, askedThreeWays(r.name, r.req, r.code, r.parameter)...)
	}
	return rows
}

// badEvents are events that the library does not judge.
func badEvents() []badInput {
	var rows []badInput
	for _, r := range []struct {
		name   string
		change func(ev *steps.Event)
		code   steps.Code
	}{
		{"without an id", func(ev *steps.Event) { ev.Key.ID = "" }, 2101},
		{"without a source", func(ev *steps.Event) { ev.Key.Source = "" }, 2101},
		{"without a subject", func(ev *steps.Event) { ev.StepsID = 0 }, 2101},
		{"of an unknown type", func(ev *steps.Event) { ev.Kind = 99 }, 2102},
		{"that only an entry can be", func(ev *steps.Event) { ev.Kind = steps.Created }, 2102},
		{"without a step", func(ev *steps.Event) { ev.Steps = nil }, 2101},
		{"with a step twice", func(ev *steps.Event) { ev.Steps = []string{"trustedPhone", "trustedPhone"} }, 2102},
		{"with a step and a reset", func(ev *steps.Event) { ev.Kind = steps.Reset }, 2102},
		{"with a NUL", func(ev *steps.Event) { ev.Key.ID = "a\x00" }, 2102},
		{"not UTF-8", func(ev *steps.Event) { ev.Actor = "\xff" }, 2102},
		{"with a long source", func(ev *steps.Event) { ev.Key.Source = strings.Repeat("s", 300) }, 2102},
		{"with a subject beyond 2^53", func(ev *steps.Event) { ev.StepsID = steps.MaxID + 1 }, 2102},
		{"that cancels without a reason", func(ev *steps.Event) {
			ev.Kind, ev.Steps, ev.Actor = steps.Cancelled, nil, "ann"
		}, 2101},
	} {
		rows = append(rows, badInput{name: "library: event " + r.name, code: r.code, library: func(ctx context.Context, e *engine.Engine, id steps.ID) error {
			ev := steps.Completion(steps.EventID("sms", "bad-1"), id, "trustedPhone")
			r.change(&ev)
			_, err := e.Handle(ctx, everyRight, ev)
			return err
		}})
	}
	return rows
}

// checkLibrary makes the row's call of the engine.
func (row *badInput) checkLibrary(t *testing.T, e *engine.Engine, id string) {
	t.Helper()
	parsed, err := steps.ParseID(id)
	require.NoError(t, err)
	err = row.library(t.Context(), e, parsed)
	typed, ok := errors.AsType[*steps.Error](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, row.code, typed.Code, typed.Error())
}

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
		body["stepsID"] = json.RawMessage("{id}")
	default:
		path += "&stepsID=" + req.StepsID.String()
		body["stepsID"] = json.RawMessage(req.StepsID.String())
	}
	if req.Reset {
		path += "&resetSteps=true"
		body["resetSteps"] = json.RawMessage("true")
	}
	rows := []badInput{
		{name: "library: " + name, code: code, library: func(ctx context.Context, e *engine.Engine, id steps.ID) error {
			if req.StepsID == 1 {
				req.StepsID = id
			}
			_, err := e.Steps(ctx, everyRight, req)
			return err
		}},
	}
	if req.ResetStep == "" {
		rows = append(rows, badInput{name: "pims: " + name, method: "GET", path: path, code: code, label: label})
	} else {
		body["step"], _ = json.Marshal(req.ResetStep)
	}
	if req.Filter != "" {
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
		{"reset of an unknown stepsID", engine.StepsRequest{StepsID: 7, Reset: true}, 2346, ""},
		{"step without a reset", engine.StepsRequest{StepsID: 1, ResetStep: "trustedPhone"}, 2102, "step"},
		{"reset of an unknown step", engine.StepsRequest{StepsID: 1, Reset: true, ResetStep: "noSuchStep"}, 2102, "step"},
		{"reset of a step of 10 kB", engine.StepsRequest{StepsID: 1, Reset: true, ResetStep: long}, 2102, "step"},
		{"reset of a step with NUL", engine.StepsRequest{StepsID: 1, Reset: true, ResetStep: "a\x00b"}, 2102, "step"},
		{"reset of a step of an unknown stepsID", engine.StepsRequest{StepsID: 7, Reset: true, ResetStep: "trustedPhone"}, 2346, ""},
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
		{"with two steps and a reset", func(ev *steps.Event) {
			ev.Kind, ev.Steps = steps.Reset, []string{"trustedPhone", "deviceActivation"}
		}, 2102},
		{"with a NUL", func(ev *steps.Event) { ev.Key.ID = "a\x00" }, 2102},
		{"not UTF-8", func(ev *steps.Event) { ev.Actor = "\xff" }, 2102},
		{"with a long source", func(ev *steps.Event) { ev.Key.Source = strings.Repeat("s", 300) }, 2102},
		{"with a subject beyond 2^53", func(ev *steps.Event) { ev.StepsID = steps.MaxID + 1 }, 2102},
		{"that cancels without a reason", func(ev *steps.Event) {
			ev.Kind, ev.Steps, ev.Actor = steps.Cancelled, nil, "ann"
		}, 2101},
		{"that overrides without an actor", func(ev *steps.Event) { ev.Kind, ev.Reason = steps.Overridden, "lost" }, 2101},
		{"that overrides no step", func(ev *steps.Event) {
			ev.Kind, ev.Steps, ev.Actor, ev.Reason = steps.Overridden, nil, "ann", "lost"
		}, 2101},
		{"that revokes two steps", func(ev *steps.Event) {
			ev.Kind, ev.Actor, ev.Reason = steps.Revoked, "ann", "lost"
			ev.Steps = []string{"trustedPhone", "deviceActivation"}
		}, 2102},
		{"that unlocks without a reason", func(ev *steps.Event) { ev.Kind, ev.Actor = steps.Unlocked, "ann" }, 2101},
		{"that moves to no plan", func(ev *steps.Event) {
			ev.Kind, ev.Steps, ev.Actor, ev.Reason = steps.Moved, nil, "ann", "a new plan"
		}, 2101},
		{"that names a plan and moves nothing", func(ev *steps.Event) { ev.Plan = 2 }, 2102},
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

// badActs are calls of an operator that the library does not take.
func badActs() []badInput {
	long := strings.Repeat("9", 10_000)
	var rows []badInput
	for name, r := range map[string]struct {
		code steps.Code
		call libraryCall
	}{
		"erasure without a user":       {2101, erasing("", "ann", "a request")},
		"erasure without an actor":     {2101, erasing("dev", "", "a request")},
		"erasure without a reason":     {2101, erasing("dev", "ann", "")},
		"erasure of a long user":       {2102, erasing(long, "ann", "a request")},
		"erasure of a user with NUL":   {2102, erasing("a\x00", "ann", "a request")},
		"erasure for a long reason":    {2102, erasing("dev", "ann", long)},
		"erasure not UTF-8":            {2102, erasing("dev", "\xff", "a request")},
		"verification of too many":     {2102, verifying(everyRight, 1001)},
		"verification of fewer than 0": {2102, verifying(everyRight, -1)},
		"verification by a device":     {2302, verifying(steps.Caller{User: "dev", Device: "dev", Rights: steps.Ask}, 0)},
		"preview of too many": {2102, func(ctx context.Context, e *engine.Engine, _ steps.ID) error {
			_, _, err := e.Preview(ctx, everyRight, steps.Default(), 0, 1001)
			return err
		}},
		"explanation of stepsID 0": {2102, func(ctx context.Context, e *engine.Engine, _ steps.ID) error {
			_, err := e.Explain(ctx, everyRight, 0)
			return err
		}},
		"explanation of an unknown stepsID": {2346, func(ctx context.Context, e *engine.Engine, _ steps.ID) error {
			_, err := e.Explain(ctx, everyRight, 7)
			return err
		}},
	} {
		rows = append(rows, badInput{name: "library: " + name, code: r.code, library: r.call})
	}
	return rows
}

func erasing(user, actor, reason string) libraryCall {
	return func(ctx context.Context, e *engine.Engine, _ steps.ID) error {
		_, err := e.Erase(ctx, everyRight, user, actor, reason)
		return err
	}
}

func verifying(caller steps.Caller, limit int) libraryCall {
	return func(ctx context.Context, e *engine.Engine, _ steps.ID) error {
		_, err := e.Verify(ctx, caller, 0, limit)
		return err
	}
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

package httpapi_test

import (
	"strings"

	"github.com/stepgate/stepgate/steps"
)

// badRules are what the calls of operators, and the events of their acts, do not
// take.
func badRules() []badInput {
	rows := append(badQueries(), badActivations()...)
	rows = append(rows, badErasures()...)
	rows = append(rows, badPreviews()...)
	return append(rows, badActEvents()...)
}

// badQueries are reads with parameters that they do not have, or not so.
func badQueries() []badInput {
	long := strings.Repeat("9", 10_000)
	var rows []badInput
	for path, parameter := range map[string]string{
		"/v1/activations?user=" + long:                "user",
		"/v1/activations?user=a%00":                   "user",
		"/v1/activations?user=%ff":                    "user",
		"/v1/activations?user=a&user=b":               "user",
		"/v1/activations?User=a":                      "User",
		"/v1/activations/{id}/steps?filter=bogus":     "filter",
		"/v1/activations/{id}/steps?stepsStatus=todo": "stepsStatus",
		"/v1/activations/{id}/explain?filter=todo":    "filter",
		"/v1/verify?after=0":                          "after",
		"/v1/verify?after=-1":                         "after",
		"/v1/verify?after=x":                          "after",
		"/v1/verify?after=%201":                       "after",
		"/v1/verify?after=9007199254740992":           "after",
		"/v1/verify?after=1&after=2":                  "after",
		"/v1/verify?limit=0":                          "limit",
		"/v1/verify?limit=-1":                         "limit",
		"/v1/verify?limit=1001":                       "limit",
		"/v1/verify?limit=1e2":                        "limit",
		"/v1/verify?limit=" + long:                    "limit",
		"/v1/verify?cursor=1":                         "cursor",
		"/v1/verify?after=%zz":                        "query",
		"/v1/plans?service=remoteCommands":            "service",
		"/v1/codes?code=2317":                         "code",
		"/v1/codes/2317?x=1":                          "x",
	} {
		rows = append(rows, badInput{
			name: "GET " + path[:min(len(path), 60)], method: "GET", path: path, code: 2102, label: "Invalid " + parameter + " parameter",
		})
	}
	for path, body := range map[string]string{
		"POST /v1/activations?x=1":   `{"carAssociationID":"987654"}`,
		"POST /v1/events?x=1":        event("bad-1", "{id}", "trustedPhone"),
		"POST /v1/erasures?x=1":      `{"user":"dev","actor":"ann","reason":"a request"}`,
		"POST /v1/plans/preview?x=1": "",
		"PUT /v1/associations/1?x=1": `{"user":"dev","service":"remoteCommands","vin":"V"}`,
	} {
		method, path, _ := strings.Cut(path, " ")
		rows = append(rows, badInput{
			name: method + " " + path, method: method, path: path, body: body, media: structured, code: 2102, label: "Invalid x parameter",
		})
	}
	return rows
}

// badBodies are rows of one call, by what is sent and what is at fault.
func badBodies(path string, bodies map[string]string) []badInput {
	var rows []badInput
	for body, label := range bodies {
		code := steps.CodeInvalid
		if strings.HasPrefix(label, "Missing") {
			code = steps.CodeMissing
		}
		rows = append(rows, badInput{
			name: "POST " + path + " " + body[:min(len(body), 60)], method: "POST", path: path, body: body,
			media: "application/json", code: code, label: label + " parameter",
		})
	}
	return rows
}

func badActivations() []badInput {
	return badBodies("/v1/activations", map[string]string{
		`{"stepsID":{}}`:               "Invalid stepsID",
		`{"stepsID":[{id}]}`:           "Invalid stepsID",
		`{"stepsID":true}`:             "Invalid stepsID",
		`{"stepsID":0}`:                "Invalid stepsID",
		`{"stepsID":-1}`:               "Invalid stepsID",
		`{"stepsID":1.5}`:              "Invalid stepsID",
		`{"stepsID":1e3}`:              "Invalid stepsID",
		`{"stepsID":9007199254740992}`: "Invalid stepsID",
		`{"stepsID":"0{id}"}`:          "Invalid stepsID",
		`{"stepsID":" {id}"}`:          "Invalid stepsID",
		`{"stepsID":"` + strings.Repeat("9", 10_000) + `"}`:         "Invalid stepsID",
		`{"stepsID":{id},"carAssociationID":"987654"}`:              "Invalid stepsID",
		`{"stepsID":{id},"vin":"VIN-987654"}`:                       "Invalid stepsID",
		`{"stepsID":{id},"stepsID":{id}}`:                           "Invalid body",
		`{"stepsId":{id}}`:                                          "Invalid stepsId",
		`{"stepsID":""}`:                                            "Missing carAssociationID",
		`{"stepsID":null}`:                                          "Missing carAssociationID",
		`{"stepsID":{id},"resetSteps":"true"}`:                      "Invalid resetSteps",
		`{"stepsID":{id},"resetSteps":1}`:                           "Invalid resetSteps",
		`{"stepsID":{id},"resetSteps":true,"step":1}`:               "Invalid step",
		`{"stepsID":{id},"resetSteps":true,"step":["a"]}`:           "Invalid step",
		`{"stepsID":{id},"resetSteps":true,"steps":["a"]}`:          "Invalid steps",
		`{"stepsID":{id},"resetSteps":false,"step":"trustedPhone"}`: "Invalid step",
	})
}

func badErasures() []badInput {
	return badBodies("/v1/erasures", map[string]string{
		`{"actor":"ann","reason":"a request"}`:                                      "Missing user",
		`{"user":null,"actor":"ann","reason":"a request"}`:                          "Missing user",
		`{"user":"dev","reason":"a request"}`:                                       "Missing actor",
		`{"user":"dev","actor":"ann"}`:                                              "Missing reason",
		`{"user":"dev","actor":"ann","reason":""}`:                                  "Missing reason",
		`{"user":1,"actor":"ann","reason":"a request"}`:                             "Invalid user",
		`{"user":["dev"],"actor":"ann","reason":"a"}`:                               "Invalid user",
		`{"user":"a\u0000","actor":"ann","reason":"a"}`:                             "Invalid user",
		`{"user":"dev","actor":"a\u0000","reason":"a"}`:                             "Invalid actor",
		`{"user":"dev","actor":"ann","reason":"\u0007"}`:                            "Invalid reason",
		`{"user":"` + strings.Repeat("u", 257) + `","actor":"ann","reason":"a"}`:    "Invalid user",
		`{"user":"dev","actor":"ann","reason":"` + strings.Repeat("r", 1025) + `"}`: "Invalid reason",
		`{"user":"dev","actor":"ann","reason":"a","device":"d"}`:                    "Invalid device",
		`{"user":"dev","actor":"ann","reason":"a","user":"dev"}`:                    "Invalid body",
		`{"user":"dev","actor":"ann","reason":"a"}x`:                                "Invalid body",
		`[{"user":"dev","actor":"ann","reason":"a"}]`:                               "Invalid body",
		"{\"user\":\"\xff\",\"actor\":\"ann\",\"reason\":\"a\"}":                    "Invalid user",
		`{"user":"` + strings.Repeat("u", 1<<20) + `"}`:                             "Invalid body",
		``: "Invalid body",
	})
}

func badPreviews() []badInput {
	rows := badBodies("/v1/plans/preview", map[string]string{
		"":             "Invalid body",
		"services: [":  "Invalid body",
		"services: {}": "Invalid body",
		"services: {x: {versions: [{version: 0, steps: [{name: a}]}]}}": "Invalid body",
		"\xff":                           "Invalid body",
		"#" + strings.Repeat("x", 1<<20): "Invalid body",
	})
	for query, parameter := range map[string]string{"after=0": "after", "after=x": "after", "limit=0": "limit", "limit=1001": "limit", "limit=1&limit=1": "limit"} {
		rows = append(rows, badInput{
			name: "preview with " + query, method: "POST", path: "/v1/plans/preview?" + query,
			body: "services: {x: {versions: [{version: 1, steps: [{name: a}]}]}}", code: 2102, label: "Invalid " + parameter + " parameter",
		})
	}
	return rows
}

// badActEvents are events of every type, alone and in a batch, each with one
// fault.
func badActEvents() []badInput {
	const signed = `"actor":"ann","reason":"lost"`
	var rows []badInput
	for _, r := range []struct{ kind, data, label string }{
		{"step.completed", `"step":"trustedPhone","plan":2`, "Invalid plan"},
		{"step.failed", ``, "Missing step"},
		{"step.failed", `"step":"trustedPhone","steps":["trustedPhone"]`, "Invalid steps"},
		{"activation.reset", `"steps":["trustedPhone","deviceActivation"]`, "Invalid steps"},
		{"activation.reset", `"step":7`, "Invalid step"},
		{"activation.reset", `"plan":2`, "Invalid plan"},
		{"step.overridden", signed, "Missing step"},
		{"step.overridden", `"step":"trustedPhone","reason":"lost"`, "Missing actor"},
		{"step.overridden", `"step":"trustedPhone","actor":"ann"`, "Missing reason"},
		{"step.overridden", `"steps":["trustedPhone","deviceActivation"],` + signed, "Invalid steps"},
		{"step.overridden", `"step":"trustedPhone","actor":"` + strings.Repeat("a", 257) + `","reason":"lost"`, "Invalid actor"},
		{"step.overridden", `"step":"trustedPhone","actor":"ann","reason":"` + strings.Repeat("r", 1025) + `"`, "Invalid reason"},
		{"step.overridden", `"step":"trustedPhone","plan":1,` + signed, "Invalid plan"},
		{"step.revoked", signed, "Missing step"},
		{"step.revoked", `"step":"","actor":"ann","reason":"lost"`, "Missing step"},
		{"step.revoked", `"step":"trustedPhone","reason":"lost"`, "Missing actor"},
		{"step.revoked", `"step":"trustedPhone","actor":"ann"`, "Missing reason"},
		{"activation.unlocked", `"reason":"lost"`, "Missing actor"},
		{"activation.unlocked", `"actor":"ann"`, "Missing reason"},
		{"activation.unlocked", `"steps":["trustedPhone","deviceActivation"],` + signed, "Invalid steps"},
		{"activation.moved", signed, "Missing plan"},
		{"activation.moved", `"plan":0,` + signed, "Invalid plan"},
		{"activation.moved", `"plan":-1,` + signed, "Invalid plan"},
		{"activation.moved", `"plan":"2",` + signed, "Invalid plan"},
		{"activation.moved", `"plan":2.5,` + signed, "Invalid plan"},
		{"activation.moved", `"plan":4294967296,` + signed, "Invalid plan"},
		{"activation.moved", `"plan":2,"step":"trustedPhone",` + signed, "Invalid steps"},
		{"activation.moved", `"plan":2,"actor":"ann"`, "Missing reason"},
		{"activation.cancelled", `"step":"trustedPhone",` + signed, "Invalid steps"},
		{"activation.cancelled", `"reason":"lost"`, "Missing actor"},
		{"activation.cancelled", `"plan":2,` + signed, "Invalid plan"},
		{"activation.created", ``, "Invalid type"},
		{"activation.expired", ``, "Invalid type"},
		{"activation.erased", signed, "Invalid type"},
	} {
		body := told(r.kind, "bad-1", r.data)
		code := steps.CodeInvalid
		if strings.HasPrefix(r.label, "Missing") {
			code = steps.CodeMissing
		}
		batched := strings.Replace(r.label, " ", " events[1].", 1)
		name := r.kind + " with " + r.data[:min(len(r.data), 60)]
		rows = append(
			rows,
			badInput{name: name, method: "POST", path: "/v1/events", media: structured, body: body, code: code, label: r.label + " parameter"},
			badInput{
				name: "batch of " + name, method: "POST", path: "/v1/events", media: batch,
				body: "[" + event("good", "{id}", "trustedPhone") + "," + body + "]", code: code, label: batched + " parameter",
			},
		)
	}
	for _, kind := range []string{"step.overridden", "step.revoked", "activation.unlocked", "activation.cancelled"} {
		data := signed
		if strings.HasPrefix(kind, "step.") {
			data += `,"step":"trustedPhone"`
		}
		rows = append(rows, badInput{
			name: kind + " of an unknown activation", method: "POST", path: "/v1/events", media: structured,
			body: strings.Replace(told(kind, "bad-2", data), "{id}", "7", 1), verdict: `"outcome":"refused","reason":"unknownActivation"`,
		}, badInput{
			name: kind + " with the id of another event", method: "POST", path: "/v1/events", media: structured,
			body: told(kind, "first", data), verdict: `"outcome":"refused","reason":"conflict"`,
		})
	}
	return rows
}

// told is an event of the activation {id}.
func told(kind, id, data string) string {
	return `{"specversion":"1.0","id":"` + id + `","source":"sms","type":"stepgate.` + kind + `.v1","subject":"{id}","data":{` + data + `}}`
}

package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// known is a resolver with one association of the caller "dev", one of somebody
// else, and two of one vehicle.
type known struct{}

func (known) Association(_ context.Context, _, id string) (steps.Association, bool, error) {
	a := steps.Association{ID: id, User: "dev", Service: steps.RemoteCommands, VIN: "VIN-" + id}
	switch id {
	case "987654", "twin-1", "twin-2":
		return a, true, nil
	case "foreign":
		a.User = "somebody else"
		return a, true, nil
	case "planless":
		a.Service = "noSuchService"
		return a, true, nil
	}
	return a, false, nil
}

func (k known) ByVIN(ctx context.Context, user, vin string) ([]steps.Association, error) {
	var found []steps.Association
	for _, id := range map[string][]string{"VIN-987654": {"987654"}, "VIN-twins": {"twin-1", "twin-2"}}[vin] {
		a, _, _ := k.Association(ctx, user, id)
		found = append(found, a)
	}
	return found, nil
}

const (
	structured = "application/cloudevents+json"
	batch      = "application/cloudevents-batch+json"
)

// badInput is one row: what is sent, and what must come back. Nothing changes.
type badInput struct {
	name    string
	method  string
	path    string // {id} is the stepsID of an activation
	body    string
	media   string
	code    steps.Code
	label   string      // "": the code's own
	verdict string      // of an event that is judged all the same
	library libraryCall // instead of a request: a call of the engine
}

func badInputs() []badInput {
	long := strings.Repeat("9", 10_000)
	steps1 := "/pims/pims.subscription.steps?"
	rows := slices.Concat(badAsks(), badEvents(), badActs(), badRules())
	get := func(name, path string, code steps.Code, label string) {
		rows = append(rows, badInput{name: name, method: "GET", path: path, code: code, label: label})
	}
	post := func(name, path, media, body string, code steps.Code, label string) {
		rows = append(rows, badInput{name: name, method: "POST", path: path, body: body, media: media, code: code, label: label})
	}
	get("unknown reset", steps1+"stepsID={id}&resetSteps=yes", 2102, "Invalid resetSteps parameter")
	get("unknown api", "/pims/pims.subscription.nothing?stepsID={id}", 2102, "Invalid api parameter")
	get("no id", steps1+"stepsStatus=all", 2101, "Missing carAssociationID parameter")
	get("empty ids", steps1+"stepsID=&carAssociationID=", 2101, "Missing carAssociationID parameter")
	get("next without id", "/pims/pims.subscription.step?carAssociationID=987654", 2101, "Missing stepsID parameter")
	get("next with both ids", "/pims/pims.subscription.step?stepsID={id}&carAssociationID=987654", 2102, "Invalid stepsID parameter")
	get("id twice", steps1+"stepsID={id}&stepsID={id}", 2102, "Invalid stepsID parameter")
	get("alias with another value", steps1+"stepsID={id}&stepsId=1", 2102, "Invalid stepsID parameter")
	get("alias of status with another value", steps1+"stepsID={id}&stepsStatus=all&stepStatus=todo", 2102, "Invalid stepsStatus parameter")
	get("reset twice under two names", steps1+"stepsID={id}&resetSteps=true&resetStep=false", 2102, "Invalid resetSteps parameter")
	get("a name twice that is no text", steps1+"stepsID={id}&%ff=1&%ff=2", 2102, "Invalid \ufffd parameter")
	get("a long name twice", steps1+"stepsID={id}&"+long+"=1&"+long+"=2", 2102, "Invalid query parameter")
	get("unreadable query", steps1+"stepsID=%zz", 2102, "Invalid query parameter")
	for name, id := range map[string]string{
		"0": "0", "negative": "-1", "beyond 2^53": "9007199254740992", "with spaces": "%201", "with a plus": "+1",
		"10 kB": long, "NUL": "1%00", "not UTF-8": "%ff", "leading zero": "01", "exponent": "1e3", "fraction": "1.0",
	} {
		get("stepsID "+name, steps1+"stepsID="+id, 2102, "Invalid stepsID parameter")
		get("next of stepsID "+name, "/pims/pims.subscription.step?stepsID="+id, 2102, "Invalid stepsID parameter")
		if decoded, err := url.PathUnescape(id); err == nil {
			get("activation "+name, "/v1/activations/"+url.PathEscape(decoded), 2102, "Invalid stepsID parameter")
			for _, read := range []string{"steps", "history", "explain"} {
				get(read+" "+name, "/v1/activations/"+url.PathEscape(decoded)+"/"+read, 2102, "Invalid stepsID parameter")
			}
		}
	}
	get("reset of an unknown stepsID", steps1+"resetSteps=true&stepsID=7", 2346, "")
	for _, read := range []string{"", "/steps", "/history", "/explain"} {
		get("unknown activation"+read, "/v1/activations/7"+read, 2346, "")
	}
	get("next of an unknown stepsID", "/pims/pims.subscription.step?stepsID=7", 2346, "")
	get("next with a reset", "/pims/pims.subscription.step?resetSteps=true&stepsID={id}", 2102, "Invalid resetSteps parameter")
	get("list with a misspelt filter", "/v1/activations?stat=activated", 2102, "Invalid stat parameter")
	get("list with a filter twice", "/v1/activations?state=activated&state=cancelled", 2102, "Invalid state parameter")
	get("list with a bad cursor", "/v1/activations?cursor=x", 2102, "Invalid cursor parameter")
	get("list with a bad limit", "/v1/activations?limit=1001", 2102, "Invalid limit parameter")
	get("list of a long state", "/v1/activations?state="+long, 2102, "Invalid state parameter")

	api := func(parameters string) string {
		return `{"api":"pims.subscription.steps","parameters":` + parameters + `}`
	}
	for name, body := range map[string]string{
		"no JSON": "{", "nothing": "", "an array": "[]", "trailing bytes": api(`{"stepsID":{id}}`) + "x",
		"a duplicate member":    `{"api":"pims.subscription.steps","api":"pims.subscription.steps"}`,
		"a duplicate parameter": api(`{"stepsID":{id},"stepsID":{id}}`),
		"too deep":              api(strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)),
		"too large":             api(`{"stepsID":{id},"x":"` + strings.Repeat("x", 1<<20) + `"}`),
		"not UTF-8":             api("{\"stepsID\":{id},\"x\":\"\xff\"}"),
	} {
		post("call with "+name, "/pims", "application/json", body, 2102, "*")
	}
	post("call without api", "/pims", "application/json", `{"parameters":{"stepsID":{id}}}`, 2101, "Missing api parameter")
	post("call of an unknown api", "/pims", "application/json", `{"api":"pims.x","parameters":{}}`, 2102, "Invalid api parameter")
	for name, value := range map[string]string{"object": `{}`, "boolean": "true", "fraction": "1.5", "exponent": "1e3", "negative": "-1", "zero": "0", "too great": "9007199254740992"} {
		post("call with a stepsID that is "+name, "/pims", "application/json", api(`{"stepsID":`+value+`}`), 2102, "Invalid stepsID parameter")
	}
	post("call with a reset that is a number", "/pims", "application/json", api(`{"stepsID":{id},"resetSteps":1}`), 2102, "Invalid resetSteps parameter")

	post("activation with an unknown member", "/v1/activations", "application/json", `{"carAssociationId":"1"}`, 2102, "Invalid carAssociationId parameter")
	post("activation that is no object", "/v1/activations", "application/json", `[]`, 2102, "Invalid body parameter")

	good := event("bad-1", "{id}", "deviceActivation")
	for name, swap := range map[string][3]string{
		"without an id":      {`"id":"bad-1",`, ``, "Missing id parameter"},
		"with an empty id":   {`"id":"bad-1"`, `"id":""`, "Missing id parameter"},
		"without a source":   {`"source":"sms",`, ``, "Missing source parameter"},
		"without a subject":  {`"subject":"{id}",`, ``, "Missing subject parameter"},
		"without a type":     {`"type":"stepgate.step.completed.v1",`, ``, "Missing type parameter"},
		"of an unknown type": {`stepgate.step.completed.v1`, `stepgate.step.completed.v9`, "Invalid type parameter"},
		"of another version": {`"specversion":"1.0"`, `"specversion":"0.3"`, "Invalid specversion parameter"},
		"without a step":     {`"step":"deviceActivation"`, ``, "Missing step parameter"},
		"with a bad time":    {`"source":"sms"`, `"source":"sms","time":"yesterday"`, "Invalid time parameter"},
		"with a bad epoch":   {`"step":"deviceActivation"`, `"step":"deviceActivation","epoch":-1`, "Invalid epoch parameter"},
		"with a bad subject": {`"subject":"{id}"`, `"subject":"0"`, "Invalid subject parameter"},
		"with a NUL":         {`"id":"bad-1"`, `"id":"a\u0000"`, "Invalid id parameter"},
		"with a long source": {`"sms"`, `"` + strings.Repeat("s", 300) + `"`, "Invalid source parameter"},
		"with an id twice":   {`"id":"bad-1"`, `"id":"bad-1","id":"bad-1"`, "*"},
		"too deep":           {`"step":"deviceActivation"`, `"x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40), "*"},
		"too large":          {`"sms"`, `"` + strings.Repeat("s", 1<<20) + `"`, "*"},
		"misspelt":           {`"step":`, `"stepp":`, "*"},
	} {
		code := steps.CodeInvalid
		if strings.HasPrefix(swap[2], "Missing") {
			code = steps.CodeMissing
		}
		body := strings.Replace(good, swap[0], swap[1], 1)
		post("event "+name, "/v1/events", structured, body, code, swap[2])
		if name != "with an id twice" && name != "too large" {
			post("batch with an event "+name, "/v1/events", batch, "["+event("good", "{id}", "trustedPhone")+","+body+"]", code, "*")
		}
	}
	post("event with trailing bytes", "/v1/events", structured, good+"{}", 2102, "*")
	post("event in another media type", "/v1/events", "text/plain", good, 2102, "*")
	post("batch that is none", "/v1/events", batch, good, 2102, "*")

	judged := func(name, body, verdict string) {
		rows = append(rows, badInput{name: name, method: "POST", path: "/v1/events", media: structured, body: body, verdict: verdict})
	}
	judged("same id with another payload", event("first", "{id}", "mediumCarKey"), `"outcome":"refused","reason":"conflict"`)
	judged("same id with another type", strings.Replace(event("first", "{id}", "noSuchStep"), "completed", "failed", 1), `"outcome":"refused","reason":"conflict"`)
	judged("event of an unknown activation", event("bad-2", "7", "trustedPhone"), `"outcome":"refused","reason":"unknownActivation"`)
	judged("event told again", event("first", "{id}", "noSuchStep"), `"outcome":"refused","reason":"unknownStep"`)
	return rows
}

// TestBadInput sends what no one should: each gets its documented code, and
// nothing changes.
func TestBadInput(t *testing.T) {
	s := newService(t, httpapi.Options{}, engine.Options{Associations: known{}})
	id := s.create("987654")
	got := s.do("POST", "/v1/events", event("first", id, "noSuchStep"), "Content-Type", structured)
	require.Contains(t, got.body, `"outcome":"refused","reason":"unknownStep"`)

	operator := steps.Caller{User: "support", Rights: steps.Operate}
	state := func() string {
		told, err := s.engine.Changes(context.Background(), operator, "", 0)
		require.NoError(t, err)
		listed, err := s.engine.List(context.Background(), operator, store.Query{})
		require.NoError(t, err)
		return fmt.Sprintf("%+v\n%+v", told, listed)
	}
	before := state()
	rows := badInputs()
	require.Greater(t, len(rows), 350)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if row.library != nil {
				row.checkLibrary(t, s.engine, id)
				require.Equal(t, before, state(), "something changed")
				return
			}
			fill := strings.NewReplacer("{id}", id)
			got := s.do(row.method, fill.Replace(row.path), fill.Replace(row.body), "Content-Type", row.media)
			if row.verdict != "" {
				require.Equal(t, http.StatusOK, got.status)
				require.Contains(t, got.body, row.verdict)
			} else {
				row.check(t, got)
			}
			require.Equal(t, before, state(), "something changed")
		})
	}
	s.complete(id, "trustedPhone")
	require.NotEqual(t, before, state(), "the control: this harness sees a change")
}

// httpStatus is the table of contract section 2.
var httpStatus = map[steps.Code]int{
	2000: 500, 2101: 400, 2102: 400, 2201: 504, 2204: 503, 2301: 401, 2302: 403, 2310: 403, 2312: 409, 2317: 409, 2346: 404,
}

func (row *badInput) check(t *testing.T, got answer) {
	t.Helper()
	require.Equal(t, httpStatus[row.code], got.status, got.body)
	require.Less(t, len(got.body), 1000)
	label := row.label
	if label == "" {
		label = row.code.Label()
	}
	if strings.HasPrefix(row.path, "/pims") {
		if label == "*" {
			label = `Invalid [a-zA-Z]+ parameter`
		} else {
			label = strings.NewReplacer("[", `\[`, "]", `\]`).Replace(label)
		}
		require.Regexp(t, fmt.Sprintf(`^{"transactionId":"T","status":"FAILED","error":{"code":%d,"label":"%s"}}\n$`, row.code, label), got.body)
		return
	}
	require.Equal(t, "application/problem+json", got.header.Get("Content-Type"))
	var problem httpapi.Problem
	require.NoError(t, json.Unmarshal([]byte(got.body), &problem))
	require.Equal(t, row.code, problem.Code)
	require.Equal(t, row.code.Label(), problem.Title, "it does not vary")
	if label != "*" {
		require.Equal(t, label, strings.Replace(problem.Title, "[PARAMETER]", problem.Parameter, 1))
	}
}

package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/engine/planfile"
	"github.com/stepgate/stepgate/steps"
)

// clock is a time that a test sets.
type clock struct{ ms atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.ms.Store(time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC).UnixMilli())
	return c
}

func (c *clock) Now() time.Time          { return time.UnixMilli(c.ms.Load()).UTC() }
func (c *clock) forward(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// keyDesk is a checker that says what a test tells it to.
type keyDesk struct {
	proven atomic.Bool
	down   atomic.Bool
}

func (k *keyDesk) Check(context.Context, steps.Subject) (engine.Check, error) {
	if k.down.Load() {
		return engine.Check{}, errors.New("no connection to SECRET")
	}
	return engine.Check{Proven: k.proven.Load()}, nil
}

func testdata(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return string(text)
}

// newRuledService serves testdata/plans.yaml.
func newRuledService(t *testing.T, opts httpapi.Options) (*service, *clock, *keyDesk) {
	t.Helper()
	file, err := planfile.Parse([]byte(testdata(t, "plans.yaml")))
	require.NoError(t, err)
	clock, desk := newClock(), new(keyDesk)
	return newService(t, opts, engine.Options{
		Plans: file.Catalog, Checkers: map[string]engine.Checker{"keyDesk": desk}, Now: clock.Now,
	}), clock, desk
}

// transcript is calls with their answers.
type transcript struct {
	*service
	text  strings.Builder
	names []string // of stepsIDs: "{phone}", and its digits
}

// call makes a call and writes it down. A {name} stands for a stepsID.
func (c *transcript) call(method, path, body string, headers ...string) answer {
	c.t.Helper()
	fill := strings.NewReplacer(c.names...)
	got := c.do(method, fill.Replace(path), fill.Replace(body), headers...)
	fmt.Fprintf(&c.text, "%s %s %s\n  %d", method, path, body, got.status)
	if after := got.header.Get("Retry-After"); after != "" {
		require.Regexp(c.t, "^[1-9][0-9]*$", after)
		c.text.WriteString(" | Retry-After: N")
	}
	fmt.Fprintf(&c.text, "\n  %s", got.body)
	require.NotContains(c.t, got.body, "SECRET")
	return got
}

var hashes = regexp.MustCompile(`"(hash|digest)":"[0-9a-f]{32}"`)

// String returns the calls and answers without what differs each time.
func (c *transcript) String() string {
	var ids []string
	for i := 0; i < len(c.names); i += 2 {
		ids = append(ids, c.names[i+1], c.names[i])
	}
	text := strings.NewReplacer(ids...).Replace(c.text.String())
	return instance.ReplaceAllString(hashes.ReplaceAllString(text, `"$1":"H"`), "urn:uuid:U")
}

// create has an activation made for a device, and names its stepsID.
func (c *transcript) create(name, association string) {
	c.t.Helper()
	got := c.call("POST", "/v1/activations", `{"carAssociationID":"`+association+`"}`, "X-Device-ID", name)
	require.Equal(c.t, http.StatusOK, got.status, got.body)
	c.names = append(c.names, "{"+name+"}", stepsID.FindStringSubmatch(got.body)[1])
}

// tell sends an event of a type about the activation of a device.
func (c *transcript) tell(id, kind, name, data string) {
	c.t.Helper()
	c.call("POST", "/v1/events", `{"specversion":"1.0","id":"`+id+`","source":"test","type":"stepgate.`+kind+`.v1","subject":"{`+name+`}","data":{`+data+`}}`,
		"Content-Type", structured)
}

const act = `,"actor":"ann","reason":"a reason"`

// TestRulesOverHTTP walks two devices of a user through every rule, and holds
// each answer against a golden file.
func TestRulesOverHTTP(t *testing.T) {
	s, clock, desk := newRuledService(t, httpapi.Options{})
	c := &transcript{service: s}
	title := func(text string) { fmt.Fprintf(&c.text, "\n# %s\n", text) }

	title("A new activation; a completion that comes early is held")
	c.create("phone", "987654")
	c.tell("e-1", "step.completed", "phone", `"step":"deviceActivation","epoch":0`)
	c.call("GET", "/v1/activations/{phone}", "")
	c.call("GET", "/v1/activations/{phone}/explain", "")

	title("Two attempts fail: locked, with when it opens")
	c.tell("e-2", "step.failed", "phone", `"step":"trustedPhone"`)
	c.tell("e-3", "step.failed", "phone", `"step":"trusterPhoneNumber"`)
	c.tell("e-4", "step.completed", "phone", `"step":"trustedPhone"`)
	c.call("GET", "/v1/activations/{phone}/explain", "")
	c.call("POST", "/v1/activations", `{"stepsID":{phone}}`, "X-Device-ID", "phone")
	c.call("GET", "/pims/pims.subscription.steps?stepsID={phone}", "", "X-Device-ID", "phone")

	title("An operator unlocks; the completion is applied, and the held one absorbed")
	c.tell("e-5", "activation.unlocked", "phone", `"step":"trustedPhone"`+act)
	c.tell("e-6", "step.completed", "phone", `"step":"trustedPhone"`)
	c.call("GET", "/v1/activations/{phone}", "")

	title("A completion that a checker must confirm")
	c.tell("e-7", "step.completed", "phone", `"step":"mediumCarKey"`)
	desk.down.Store(true)
	c.tell("e-8", "step.completed", "phone", `"step":"mediumCarKey"`)
	c.call("GET", "/pims/pims.subscription.steps?stepsID={phone}&resetSteps=true", "", "X-Device-ID", "phone")
	desk.down.Store(false)
	desk.proven.Store(true)
	c.tell("e-8", "step.completed", "phone", `"step":"mediumCarKey"`)
	c.call("GET", "/v1/activations/{phone}/explain", "")

	title("Another device inherits what the user proved, and says where")
	c.create("tablet", "987654")
	c.call("GET", "/v1/activations/{tablet}", "")

	title("A proof lasts so long")
	clock.forward(721 * time.Hour)
	c.call("GET", "/v1/activations/{phone}/steps?filter=todo", "", "X-Device-ID", "phone")

	title("An operator's acts")
	c.tell("e-9", "step.overridden", "phone", `"step":"deviceActivation"`+act)
	c.tell("e-10", "step.revoked", "phone", `"step":"deviceActivation"`+act)
	c.call("GET", "/v1/activations/{phone}", "")
	c.call("GET", "/v1/activations/{phone}/explain", "")
	c.call("GET", "/v1/activations/{phone}/steps", "", "X-Device-ID", "phone")
	c.call("POST", "/v1/activations", `{"stepsID":"{phone}","resetSteps":true,"step":"deviceActivation"}`, "X-Device-ID", "phone")
	c.tell("e-11", "activation.moved", "phone", `"plan":2`+act)
	c.tell("e-12", "activation.cancelled", "phone", act[1:])
	c.call("GET", "/v1/activations/{phone}/explain", "")
	c.call("POST", "/v1/activations", `{"stepsID":{phone}}`, "X-Device-ID", "phone")
	c.call("GET", "/v1/activations/{phone}/history", "")
	c.call("GET", "/v1/activations?user=dev&state=cancelled", "")

	title("Plans, and what others would mean")
	c.call("GET", "/v1/plans", "")
	c.call("POST", "/v1/plans/preview?limit=1", testdata(t, "plans-next.yaml"), "Content-Type", "application/yaml")
	c.call("POST", "/v1/plans/preview?limit=1&after={phone}", testdata(t, "plans-next.yaml"))
	c.call("POST", "/v1/plans/preview", testdata(t, "plans-faulty.yaml"))

	title("Verified, erased, and verified again")
	c.call("GET", "/v1/verify", "")
	c.call("GET", "/v1/verify?after={phone}&limit=1", "")
	c.call("POST", "/v1/erasures", `{"user":"dev","actor":"ann","reason":"a request"}`)
	c.call("GET", "/v1/activations?user=dev", "")
	c.call("GET", "/v1/activations/{phone}", "")
	c.call("GET", "/v1/activations/{phone}/explain", "")
	c.call("GET", "/v1/activations/{tablet}/history", "")
	c.tell("e-13", "step.failed", "phone", `"step":"trustedPhone"`)
	c.call("POST", "/v1/activations", `{"stepsID":{phone}}`, "X-Device-ID", "phone")
	c.call("GET", "/v1/verify", "")
	golden(t, "rules.golden", c.String())
}

package httpapi_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/steps"
)

// everyCall is each call of both APIs once.
var everyCall = []struct{ method, path, body string }{
	{"GET", "/pims/pims.subscription.steps?carAssociationID=1", ""},
	{"GET", "/pims/pims.vehicle.steps?carAssociationID=1", ""},
	{"GET", "/pims/pims.subscription.step?stepsID=1", ""},
	{"POST", "/pims", `{"api":"pims.subscription.steps","parameters":{"carAssociationID":"1"}}`},
	{"POST", "/v1/activations", `{"carAssociationID":"1"}`},
	{"GET", "/v1/activations", ""},
	{"GET", "/v1/activations/1", ""},
	{"GET", "/v1/activations/1/steps", ""},
	{"GET", "/v1/activations/1/history", ""},
	{"GET", "/v1/activations/1/explain", ""},
	{"POST", "/v1/events", "{}"},
	{"PUT", "/v1/associations/1", "{}"},
	{"POST", "/v1/erasures", "{}"},
	{"GET", "/v1/verify", ""},
	{"GET", "/v1/plans", ""},
	{"POST", "/v1/plans/preview", ""},
}

var instance = regexp.MustCompile(`urn:uuid:[0-9a-f-]{36}`)

// TestEveryCallWithEveryCode holds the bytes of every failure against a golden
// file, and that nothing shows what is for the log alone.
func TestEveryCallWithEveryCode(t *testing.T) {
	failing := func(r *http.Request) (steps.Caller, error) {
		code, err := strconv.Atoi(r.Header.Get("X-Fail"))
		if err != nil {
			return steps.Caller{}, errors.New("SECRET")
		}
		fault := &steps.Error{
			Code: steps.Code(code), Parameter: "vin", Detail: "mend it like this", Err: errors.New("SECRET"),
		}
		switch fault.Code {
		case steps.CodeBlocked:
			fault.RetryAt = time.Date(2020, 1, 31, 12, 0, 0, 0, time.UTC)
		case steps.CodeTimeout:
			fault.Steps = []string{"trustedPhone", "device\"Activation"}
		}
		return steps.Caller{}, fault
	}
	s := newService(t, httpapi.Options{Authenticate: failing}, engine.Options{})
	var grid strings.Builder
	for _, call := range everyCall {
		fmt.Fprintf(&grid, "%s %s %s\n", call.method, call.path, call.body)
		for _, code := range append(steps.Codes(), 0, 9999) {
			header := strconv.Itoa(int(code))
			if code == 0 {
				header = "an error that is no *steps.Error"
			}
			got := s.do(call.method, call.path, call.body, "X-Fail", header)
			require.NotContains(t, got.body, "SECRET")
			require.Equal(t, "no-store", got.header.Get("Cache-Control"))
			fmt.Fprintf(&grid, "  %d -> %d", code, got.status)
			for _, name := range []string{"Content-Type", "Www-Authenticate", "Retry-After"} {
				if value := got.header.Get(name); value != "" {
					fmt.Fprintf(&grid, " | %s: %s", name, value)
				}
			}
			fmt.Fprintf(&grid, "\n    %s", instance.ReplaceAllString(got.body, "urn:uuid:U"))
			if !slices.Contains(steps.Codes(), code) || code == steps.CodeUnknown {
				require.NotContains(t, got.body, "mend it", "the detail of code 2000 is for the log")
			}
		}
	}
	golden(t, "codes.golden", grid.String())
}

// TestDescription: the description of the native API is what it was.
func TestDescription(t *testing.T) {
	s := newService(t, httpapi.Options{}, engine.Options{})
	var others sync.WaitGroup
	for range 4 { // who ask at once, for the race detector
		others.Go(func() {
			if resp, err := s.client.Get(s.url + "/openapi.json"); err == nil {
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		})
	}
	defer others.Wait()
	got := s.do("GET", "/openapi.json", "")
	require.Equal(t, http.StatusOK, got.status)
	require.NotContains(t, got.body, "http://")
	require.NotContains(t, got.body, "https://")
	golden(t, "openapi.json", indented(t, got.body))
	for _, ref := range regexp.MustCompile(`"\$ref":"#/components/([a-z]+)/([^"]+)"`).FindAllStringSubmatch(got.body, -1) {
		var doc struct {
			Components map[string]map[string]any `json:"components"`
		}
		require.NoError(t, json.Unmarshal([]byte(got.body), &doc))
		require.Contains(t, doc.Components[ref[1]], ref[2])
	}
}

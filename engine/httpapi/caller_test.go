package httpapi_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/steps"
)

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func tokenFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokens.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// TestTokens: each token may do what its rights say, and no more.
func TestTokens(t *testing.T) {
	callers, err := httpapi.TokenFile(tokenFile(t, fmt.Sprintf(`
- {sha256: %s, user: u-1, device: phone, rights: [ask]}
- {sha256: %s, user: sms-gateway, rights: [report]}
- {sha256: %s, user: support, rights: [operate]}
`, hashOf("phone"), hashOf("gateway"), hashOf("desk"))))
	require.NoError(t, err)
	s := newService(t, httpapi.Options{Authenticate: callers}, engine.Options{})
	as := func(token string) []string {
		return []string{"Authorization", "Bearer " + token, "Content-Type", structured}
	}

	list := s.do("GET", "/pims/pims.subscription.steps?carAssociationID=987654", "", as("phone")...)
	require.Equal(t, http.StatusOK, list.status)
	id := stepsID.FindStringSubmatch(list.body)[1]

	for _, row := range []struct {
		who, method, path, body string
		status                  int
	}{
		{"phone", "POST", "/v1/events", event("e-1", id, "trustedPhone"), 403},
		{"phone", "GET", "/v1/activations", "", 403},
		{"phone", "PUT", "/v1/associations/1", `{"user":"u-1"}`, 403},
		{"phone", "GET", "/v1/activations/" + id, "", 200},
		{"gateway", "GET", "/pims/pims.subscription.step?stepsID=" + id, "", 403},
		{"gateway", "GET", "/v1/activations/" + id, "", 403},
		{"gateway", "POST", "/v1/events", event("e-1", id, "trustedPhone"), 200},
		{"desk", "POST", "/v1/events", event("e-2", id, "deviceActivation"), 403},
		{"desk", "GET", "/v1/activations/" + id + "/history", "", 200},
		{"desk", "GET", "/v1/activations?state=deviceActivation", "", 200},
		{"nobody", "GET", "/v1/activations/" + id, "", 401},
		{"nobody", "POST", "/v1/events", event("e-3", id, "deviceActivation"), 401},
		{"nobody", "GET", "/pims/pims.subscription.step?stepsID=" + id, "", 401},
	} {
		got := s.do(row.method, row.path, row.body, as(row.who)...)
		require.Equal(t, row.status, got.status, "%s %s %s: %s", row.who, row.method, row.path, got.body)
		if row.status == http.StatusUnauthorized {
			require.Equal(t, "Bearer", got.header.Get("WWW-Authenticate"))
			require.NotContains(t, got.body, "nobody")
		}
	}
	require.Equal(t, http.StatusUnauthorized, s.do("GET", "/v1/activations/"+id, "").status, "no token at all")
	require.Equal(t, http.StatusOK, s.do("GET", "/livez", "").status)
}

// TestTokenFileFaults: a file that could mean something else is refused.
func TestTokenFileFaults(t *testing.T) {
	hash := hashOf("x")
	for want, text := range map[string]string{
		"no token in it":            "",
		"64 hexadecimal digits":     "- {sha256: abc, user: u, rights: [report]}",
		"no such right":             "- {sha256: " + hash + ", user: u, rights: [admin]}",
		"it has no rights":          "- {sha256: " + hash + ", user: u}",
		"it has no user":            "- {sha256: " + hash + ", rights: [report]}",
		"no device":                 "- {sha256: " + hash + ", user: u, rights: [ask]}",
		"stands twice":              strings.Repeat("- {sha256: "+hash+", user: u, rights: [report]}\n", 2),
		`unknown field "right"`:     "- {sha256: " + hash + ", user: u, right: [ask]}",
		`:3: unknown field "token"`: "\n- sha256: " + hash + "\n  token: x-secret",
		":1: it cannot be read":     "- sha256: [x-secret]",
		":2: it cannot be read":     "- sha256: x\n  x-secret",
		":2: it cannot be read:":    "- sha256: " + hash + "\n  sha256: x-secret",
		":4: no such right":         "- {sha256: " + hash + ", user: u, rights: [report]}\n\n\n- {sha256: " + hash + ", user: u, rights: [fly]}",
		"user has up to":            "- {sha256: " + hash + ", user: \"a\\0\", rights: [report]}",
		":1: tokens are a list":     "tokens: 1",
	} {
		_, err := httpapi.TokenFile(tokenFile(t, text))
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "tokens.yaml")
		require.NotContains(t, err.Error(), "x-secret")
		require.NotContains(t, err.Error(), hash)
	}
	_, err := httpapi.TokenFile(filepath.Join(t.TempDir(), "absent"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestDevelopmentServesThisMachineAlone, also where a page in a browser asks.
func TestDevelopmentServesThisMachineAlone(t *testing.T) {
	authenticate := httpapi.Development()
	for _, row := range []struct {
		remote, host, origin, site string
		serves                     bool
	}{
		{"127.0.0.1:5", "127.0.0.1:8080", "", "", true},
		{"127.0.0.1:5", "localhost:8080", "", "", true},
		{"[::1]:5", "[::1]", "", "", true},
		{"127.0.0.1:5", "localhost:8080", "http://localhost:8080", "same-origin", true},
		{"192.0.2.1:5", "localhost:8080", "", "", false},
		{"127.0.0.1:5", "attacker.example", "", "", false},
		{"127.0.0.1:5", "localhost:8080", "https://attacker.example", "", false},
		{"127.0.0.1:5", "localhost:8080", "null", "", false},
		{"127.0.0.1:5", "localhost:8080", "", "cross-site", false},
		{"127.0.0.1:5", "localhost:8080", "", "same-site", false}, // a page of another port
		{"127.0.0.1:5", "localhost:8080", "http://localhost:3000", "", false},
		{"127.0.0.1:5", "localhost.attacker.example", "", "", false},
		{"127.0.0.1:5", "", "", "", false},
		{"[::ffff:127.0.0.1]:5", "127.0.0.1", "", "none", true},
		{"@", "localhost", "", "", false},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.Host = row.remote, row.host
		r.Header.Set("Sec-Fetch-Site", row.site)
		if row.origin != "" {
			r.Header.Set("Origin", row.origin)
		}
		caller, err := authenticate(r)
		if row.serves {
			require.NoError(t, err, "%+v", row)
			require.Equal(t, steps.Caller{User: "dev", Device: "dev", Rights: steps.AllRights}, caller)
		} else {
			require.ErrorIs(t, err, steps.ErrForbidden, "%+v", row)
		}
	}
}

// TestDevelopmentHeaders are a user and a device as records can hold them.
func TestDevelopmentHeaders(t *testing.T) {
	s := newService(t, httpapi.Options{}, engine.Options{})
	path := "/pims/pims.subscription.steps?carAssociationID=1"
	require.Equal(t, http.StatusOK, s.do("GET", path, "", "X-User-ID", "zoé", "X-Device-ID", "").status)
	for _, headers := range [][]string{
		{"X-User-ID", strings.Repeat("u", 257)},
		{"X-User-ID", "a\xff"},
		{"X-User-ID", "a", "X-User-ID", "b"},
	} {
		got := s.do("GET", path, "", headers...)
		require.Equal(t, http.StatusBadRequest, got.status)
		require.Contains(t, got.body, `{"code":2102,"label":"Invalid X-User-ID parameter"}`)
	}
}

// TestSchemes: the scheme is in any case, and no other will do.
func TestSchemes(t *testing.T) {
	callers, err := httpapi.TokenFile(tokenFile(t, "- {sha256: "+hashOf("secret")+", user: u, rights: [report]}"))
	require.NoError(t, err)
	for header, known := range map[string]bool{
		"Bearer secret": true, "bearer secret": true, "BEARER secret": true,
		"Basic secret": false, "secret": false, "Bearer": false, "Bearer ": false, "Bearer  secret": false, "Bearer secret ": false,
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", header)
		caller, err := callers(r)
		if known {
			require.NoError(t, err, header)
			require.Equal(t, steps.Caller{User: "u", Rights: steps.Report}, caller)
		} else {
			require.ErrorIs(t, err, steps.ErrNoToken, header)
			require.NotContains(t, err.Error(), "secret")
		}
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header["Authorization"] = []string{"Bearer secret", "Bearer secret"}
	_, err = callers(r)
	require.ErrorIs(t, err, steps.ErrNoToken)
}

// writer remembers what was put last.
type writer struct{ last steps.Association }

func (w *writer) Put(_ context.Context, a steps.Association) error {
	if a.Service == "" {
		return steps.Missing("service", "which service?")
	}
	w.last = a
	return nil
}

// TestAssociations are put as they are sent, or refused with their fault.
func TestAssociations(t *testing.T) {
	w := new(writer)
	s := newService(t, httpapi.Options{Associations: w}, engine.Options{})
	got := s.do("PUT", "/v1/associations/a%2Fb", `{"user":"u","service":"vehicleStatus","vin":"V"}`)
	require.Equal(t, http.StatusOK, got.status)
	require.Equal(t, `{"carAssociationID":"a/b","user":"u","service":"vehicleStatus","vin":"V"}`+"\n", got.body)
	require.Equal(t, steps.Association{ID: "a/b", User: "u", Service: "vehicleStatus", VIN: "V"}, w.last)

	w.last = steps.Association{}
	for body, parameter := range map[string]string{
		`{"user":"u"}`:               "service",
		`{"user":1}`:                 "user",
		`{"owner":"u"}`:              "owner",
		`{"user":"u","user":"u"}`:    "body",
		`[]`:                         "body",
		`{"service":"s","vin":"v"}x`: "body",
	} {
		got := s.do("PUT", "/v1/associations/1", body)
		require.Equal(t, http.StatusBadRequest, got.status, body)
		require.Contains(t, got.body, `"parameter":"`+parameter+`"`)
	}
	require.Zero(t, w.last)

	none := newService(t, httpapi.Options{}, engine.Options{})
	got = none.do("PUT", "/v1/associations/1", `{"user":"u","service":"vehicleStatus","vin":"V"}`)
	require.Equal(t, http.StatusConflict, got.status)
	require.Contains(t, got.body, `"code":2317`)
}

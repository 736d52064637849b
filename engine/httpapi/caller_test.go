package httpapi_test

import (
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
		"no token in it":        "",
		"64 hexadecimal digits": "- {sha256: abc, user: u, rights: [report]}",
		"no such right":         "- {sha256: " + hash + ", user: u, rights: [admin]}",
		"it has no rights":      "- {sha256: " + hash + ", user: u}",
		"it has no user":        "- {sha256: " + hash + ", rights: [report]}",
		"no device":             "- {sha256: " + hash + ", user: u, rights: [ask]}",
		"stands twice":          strings.Repeat("- {sha256: "+hash+", user: u, rights: [report]}\n", 2),
		"unknown field":         "- {sha256: " + hash + ", user: u, right: [ask]}",
		":1: tokens are a list": "tokens: 1",
	} {
		_, err := httpapi.TokenFile(tokenFile(t, text))
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "tokens.yaml")
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

package client_test

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

	"github.com/stepgate/stepgate/cmd/stepgate/internal/client"
	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store/memstore"
)

// serve serves an engine, and returns a client of it that has the rights.
func serve(t *testing.T, rights string) client.Client {
	t.Helper()
	st := memstore.New()
	eng, err := engine.New(st, engine.Options{})
	require.NoError(t, err)
	t.Cleanup(func() {
		eng.Close()
		require.NoError(t, st.Close())
	})
	hash := sha256.Sum256([]byte("secret"))
	tokens := filepath.Join(t.TempDir(), "tokens.yaml")
	line := fmt.Sprintf("- {sha256: %s, user: u, device: d, rights: [%s]}\n", hex.EncodeToString(hash[:]), rights)
	require.NoError(t, os.WriteFile(tokens, []byte(line), 0o600))
	callers, err := httpapi.TokenFile(tokens)
	require.NoError(t, err)
	return dial(t, httpapi.New(eng, httpapi.Options{Authenticate: callers}))
}

func dial(t *testing.T, h http.Handler) client.Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c, err := client.OfServer(server.URL+"/", client.Identity{Token: "secret"}, server.Client())
	require.NoError(t, err)
	return c
}

func completion(id steps.ID, n int, names ...string) steps.Event {
	return steps.Completion(steps.EventID("test", fmt.Sprint(n)), id, names...)
}

// TestSendMany: more events than a request may hold, by count and by size, have
// a verdict each, in their order.
func TestSendMany(t *testing.T) {
	c := serve(t, "report")
	long := make([]string, steps.MaxSteps)
	for i := range long {
		long[i] = fmt.Sprintf("%0*d", steps.MaxName, i)
	}
	for name, events := range map[string][]steps.Event{
		"none":  nil,
		"many":  make([]steps.Event, 2500),
		"large": make([]steps.Event, 900),
	} {
		for i := range events {
			events[i] = completion(17, i, "trustedPhone")
			if name == "large" {
				events[i] = completion(17, i, long...)
			}
		}
		results, err := c.Send(t.Context(), events)
		require.NoError(t, err)
		require.Len(t, results, len(events))
		for i, r := range results {
			require.NoError(t, r.Err)
			require.Equal(t, events[i].Key.ID, r.Verdict.ID)
			require.Equal(t, steps.UnknownActivation, r.Verdict.Reason)
		}
	}
}

// TestSendSomeRefused: events that may not be told, and one that cannot be
// written, do not keep the others from their verdicts.
func TestSendSomeRefused(t *testing.T) {
	c := serve(t, "ask, report")
	a, err := c.Steps(t.Context(), engine.StepsRequest{CarAssociationID: "1"})
	require.NoError(t, err)
	cancel := steps.Event{Key: steps.EventID("test", "c"), Kind: steps.Cancelled, StepsID: a.StepsID, Actor: "ann", Reason: "sold"}
	results, err := c.Send(t.Context(), []steps.Event{
		completion(a.StepsID, 1, "trustedPhone"), cancel, completion(a.StepsID, 2, "deviceActivation"), {}, completion(a.StepsID, 1, "trustedPhone"),
	})
	require.NoError(t, err)
	require.Equal(t, steps.Applied, results[0].Verdict.Outcome)
	require.False(t, results[0].Verdict.Duplicate)
	require.ErrorIs(t, results[1].Err, steps.ErrForbidden)
	require.Equal(t, steps.Applied, results[2].Verdict.Outcome)
	require.False(t, results[2].Verdict.Duplicate)
	require.ErrorIs(t, results[3].Err, steps.ErrMissing)
	require.True(t, results[4].Verdict.Duplicate)
}

// TestErrors: what an engine refuses is its error, member by member.
func TestErrors(t *testing.T) {
	c := serve(t, "ask")
	_, err := c.Show(t.Context(), 17)
	require.ErrorIs(t, err, steps.ErrNotFound)
	_, err = c.Steps(t.Context(), engine.StepsRequest{StepsID: 17, Reset: true})
	require.ErrorIs(t, err, steps.ErrNotFound)
	_, err = c.Steps(t.Context(), engine.StepsRequest{VIN: "VF3"})
	require.EqualError(t, err, "Invalid vin parameter: no association of yours has it")
	_, err = c.List(t.Context(), client.Query{})
	require.ErrorIs(t, err, steps.ErrForbidden)
}

// TestUnreachable: an answer that no Stepgate gives is not taken for one.
func TestUnreachable(t *testing.T) {
	for name, answer := range map[string]struct {
		status int
		text   string
	}{
		"another server": {http.StatusNotFound, "<html>not found</html>"},
		"another API":    {http.StatusBadRequest, `{"code": 7}`},
		"no JSON":        {http.StatusOK, "hello"},
		"cut off":        {http.StatusOK, `{"verdicts":[{"source":"test"`},
		"no verdict":     {http.StatusOK, `{"verdicts":[]}`},
		"another's":      {http.StatusOK, `{"verdicts":[{"source":"test","id":"2","stepsID":17}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(answer.status)
				_, _ = w.Write([]byte(answer.text))
			}))
			_, err := c.Send(t.Context(), []steps.Event{completion(17, 1, "trustedPhone")})
			var unreachable *client.Unreachable
			require.ErrorAs(t, err, &unreachable)
			require.True(t, strings.HasPrefix(err.Error(), "cannot reach http://127.0.0.1:"), err)
		})
	}
}

// TestServerAddress: what is no address of a server is refused at once.
func TestServerAddress(t *testing.T) {
	for _, address := range []string{"", "localhost:8080", "ftp://host", "http://", "http://a:b@host", "http://host?x=y", "http://ho st", "://"} {
		_, err := client.OfServer(address, client.Identity{}, http.DefaultClient)
		require.Error(t, err, address)
		require.NotContains(t, err.Error(), "a:b@", "a password is not repeated")
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// flaky is a server that stops answering requests that tell events, once it has
// taken some.
type flaky struct {
	http.Handler
	left atomic.Int64
	lose bool // the answer alone: what was asked is done
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/v1/events" || f.left.Add(-1) >= 0 {
		f.Handler.ServeHTTP(w, r)
		return
	}
	if f.lose {
		f.Handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	panic(http.ErrAbortHandler) // the connection breaks
}

// TestPlanApplyGoesOn: a rollout that breaks off is done again, and then every
// activation has moved, once.
func TestPlanApplyGoesOn(t *testing.T) {
	for name, lose := range map[string]bool{"the request is lost": false, "the answer is lost": true} {
		t.Run(name, func(t *testing.T) {
			const many = 2500
			_, near := sides(t, "one.yaml")
			create(t, near, many)

			p := near.place(t)
			l, err := openLocal(p, "two.yaml", "", true)
			require.NoError(t, err)
			api, err := (&serveCmd{}).handler(l, slog.New(slog.NewTextHandler(t.Output(), nil)))
			require.NoError(t, err)
			broken := &flaky{Handler: api, lose: lose}
			broken.left.Store(1)
			server := httptest.NewUnstartedServer(broken)
			server.Config.ErrorLog = slog.NewLogLogger(slog.NewTextHandler(t.Output(), nil), slog.LevelWarn)
			server.Start()
			t.Cleanup(func() {
				server.Close()
				require.NoError(t, l.Close())
			})
			far := &side{flags: []string{"--server", server.URL}}

			gave := far.ask("plan apply two.yaml --yes --actor ann", "")
			require.Equal(t, exitUnreachable, gave.Code, gave.Err)
			require.Contains(t, gave.Err, ": do it again: it goes on")
			left := many - moved(t, far)
			require.Positive(t, left, "it broke off before the end")
			require.Less(t, left, many, "and behind the beginning")

			broken.left.Store(1 << 30)
			gave = far.ask("plan apply two.yaml --yes --actor bob", "")
			require.Equal(t, exitOK, gave.Code, gave.Err)
			require.Equal(t, many, moved(t, far))
			for _, line := range strings.Split(strings.TrimSpace(far.ask("list -o jsonl", "").Out), "\n") {
				var a struct{ Plan, Revision uint32 }
				require.NoError(t, json.Unmarshal([]byte(line), &a))
				require.EqualValues(t, 2, a.Plan)
				require.EqualValues(t, 2, a.Revision, "created, and moved once")
			}
		})
	}
}

// moved returns how many activations are on the newest version of two.yaml.
func moved(t *testing.T, s *side) int {
	t.Helper()
	gave := s.ask("plan diff two.yaml -o json", "")
	require.Equal(t, exitOK, gave.Code, gave.Err)
	var rows effects
	require.NoError(t, json.NewDecoder(bytes.NewBufferString(gave.Out)).Decode(&rows))
	n := 0
	for _, row := range rows {
		if row.From == 2 {
			n += row.Count
		}
	}
	return n
}

package bench

import (
	"net"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/memstore"
)

// TestHTTPCounts: every request is an event that was applied, three an
// activation, on both sides.
func TestHTTPCounts(t *testing.T) {
	o := short(memory())
	o.HTTP = true
	report, err := Run(t.Context(), o)
	require.NoError(t, err)
	require.Len(t, report.HTTP.Rounds, o.Rounds)
	for _, r := range report.HTTP.Rounds {
		require.EqualValues(t, 3*o.Budget.Activations, r.Engine.Writes)
		require.EqualValues(t, 3*o.Budget.Activations, r.Bare.Writes)
	}
	require.Len(t, report.Goals, 1)
	require.Positive(t, report.Goals[0].Got)
}

// TestHTTPSlowStoreMisses is the control.
func TestHTTPSlowStoreMisses(t *testing.T) {
	o := short(memory())
	o.HTTP = true
	o.Place.Open = func(string) (store.Store, error) { return slowStore{memstore.New(), 100 * time.Millisecond}, nil }
	report, err := Run(t.Context(), o)
	require.NoError(t, err)
	require.False(t, report.Goals[0].Met, "%+v", report.Goals[0])
}

// TestBareAnswersTheSameBytes as the engine, header and body, whatever the step.
func TestBareAnswersTheSameBytes(t *testing.T) {
	s, err := begin(t.Context(), short(memory()))
	require.NoError(t, err)
	defer s.close()
	eng, err := newEngine(memstore.New(), s.plan)
	require.NoError(t, err)
	defer eng.Close()
	created, err := s.create(t.Context(), eng)
	require.NoError(t, err)

	bare, api := dialTo(t, bare{s.plan}), dialTo(t, newAPI(eng))
	for i, step := range s.plan.Steps {
		event := steps.Completion(steps.EventID(sources[i], "e-1"), created[0], step.Name)
		require.NoError(t, api.tell(&event))
		require.NoError(t, bare.tell(&event))
		require.Equal(t, undated(api.answer), undated(bare.answer))
	}
}

var date = regexp.MustCompile(`Date: [^\r]+`)

// undated returns an answer without the second in which it was given.
func undated(answer []byte) string { return date.ReplaceAllString(string(answer), "Date: then") }

// dialTo serves a handler and connects to it.
func dialTo(t *testing.T, h http.Handler) *connection {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &http.Server{Handler: h}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	c, err := dial(listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

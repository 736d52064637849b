package httpapi

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

// lines is a log that a server writes while a test reads.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestPanics: a panic is an unknown error as long as the answer has not begun,
// and cuts it off afterwards. Either way the log says what happened.
func TestPanics(t *testing.T) {
	for name, row := range map[string]struct {
		begin func(w http.ResponseWriter)
		begun bool
	}{
		"before the answer": {func(http.ResponseWriter) {}, false},
		"with headers set":  {func(w http.ResponseWriter) { w.Header().Set("Content-Type", "application/json") }, false},
		"after the status":  {func(w http.ResponseWriter) { w.WriteHeader(http.StatusOK) }, true},
		"within the answer": {func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"activations":[`) }, true},
		"after a flush": {func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, `{"activations":[`)
			_ = http.NewResponseController(w).Flush()
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			log := new(lines)
			s := &server{opts: Options{Log: slog.New(slog.NewTextHandler(log, nil)), Timeout: time.Minute}}
			server := httptest.NewServer(s.guarded(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				row.begin(w)
				panic("the cause")
			})))
			defer server.Close()
			var body []byte
			resp, err := server.Client().Get(server.URL + "/v1/activations")
			if err == nil {
				body, err = io.ReadAll(resp.Body)
				resp.Body.Close()
			}
			require.Contains(t, log.String(), "panic: the cause")
			if row.begun {
				require.True(t, errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF), "%v", err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, http.StatusInternalServerError, resp.StatusCode)
			require.Contains(t, string(body), `"code":2000`)
			require.NotContains(t, string(body), "the cause")
		})
	}
}

// TestTooLarge: whoever sends too much is answered, and the connection closed.
func TestTooLarge(t *testing.T) {
	s := &server{opts: Options{Log: slog.New(slog.DiscardHandler), Timeout: time.Minute}}
	server := httptest.NewServer(s.guarded(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := readBody(w, r)
		s.fail(w, r, err)
	})))
	defer server.Close()
	resp, err := server.Client().Post(server.URL+"/v1/events", "", strings.NewReader(strings.Repeat("x", 1<<20+1)))
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, http.StatusBadRequest, resp.StatusCode)
	require.True(t, resp.Close)
}

// TestRetryAfter is in whole seconds, and never too early.
func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for in, want := range map[time.Duration]string{
			time.Hour:                         "3600",
			90*time.Second + time.Millisecond: "91",
			time.Millisecond:                  "1",
			0:                                 "1",
			-time.Hour:                        "1",
		} {
			header := http.Header{}
			setErrorHeaders(header, steps.CodeBlocked, time.Now().Add(in))
			require.Equal(t, want, header.Get("Retry-After"), in)
		}
		for code, want := range map[steps.Code]string{steps.CodeServer: "1", steps.CodeBlocked: "", steps.CodeTimeout: ""} {
			header := http.Header{}
			setErrorHeaders(header, code, time.Time{})
			require.Equal(t, want, header.Get("Retry-After"), code)
		}
	})
}

package httpcheck_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine/httpcheck"
	"github.com/stepgate/stepgate/steps"
)

// short is a time-out for services that hang, long for those that are to
// answer however busy the machine is.
const (
	short = 200 * time.Millisecond
	long  = time.Minute
)

func TestRetriesAreCounted(t *testing.T) {
	t.Parallel()
	for retries, asked := range map[int]int{-1: 1, 0: 3, 1: 2, 3: 4} {
		s := serve(t, broken)
		c := newChecker(t, httpcheck.Options{URL: s.URL, Retries: retries})
		_, err := c.Check(t.Context(), ann)
		require.ErrorContains(t, err, "status 500 Internal Server Error")
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		require.EqualValues(t, asked, s.asked.Load())
	}
}

// TestConnectionThatBreaks breaks before, within and behind the header of an
// answer, then answers.
func TestConnectionThatBreaks(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "HTTP/1.1 200 O", "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"prov"} {
		s := serve(t, raw(text), proven)
		check, err := newChecker(t, httpcheck.Options{URL: s.URL}).Check(t.Context(), ann)
		require.NoError(t, err)
		require.True(t, check.Proven)
		require.EqualValues(t, 2, s.asked.Load())
	}
}

func TestConnectionRefused(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())

	c := newChecker(t, httpcheck.Options{URL: "http://" + address, Retries: 1, BreakerFailures: 2})
	_, err = c.Check(t.Context(), ann)
	require.ErrorContains(t, err, "connection refused")
	require.NotErrorIs(t, err, context.DeadlineExceeded)
	_, err = c.Check(t.Context(), ann)
	require.ErrorIs(t, err, httpcheck.ErrOpen, "both attempts counted")
}

// TestBackoff: each attempt waits longer than the one before it, and not all
// callers the same, so that they do not come back in step.
func TestBackoff(t *testing.T) {
	const callers = 20
	var mu sync.Mutex
	arrivals := make(map[string][]time.Time)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		arrivals[string(body)] = append(arrivals[string(body)], time.Now())
		mu.Unlock()
		broken(w, r)
	})
	c := newChecker(t, httpcheck.Options{URL: s.URL, BreakerFailures: 1000})
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			_, _ = c.Check(t.Context(), steps.Subject{Step: "s", StepsID: steps.ID(i + 1)})
		})
	}
	group.Wait()

	require.Len(t, arrivals, callers)
	soonest, latest := time.Hour, time.Duration(0)
	for _, at := range arrivals {
		require.Len(t, at, 3)
		first, second := at[1].Sub(at[0]), at[2].Sub(at[1])
		require.GreaterOrEqual(t, first, 50*time.Millisecond)
		require.GreaterOrEqual(t, second, 150*time.Millisecond)
		soonest, latest = min(soonest, first), max(latest, first)
	}
	require.Greater(t, latest-soonest, 20*time.Millisecond)
}

// TestRetryAfter: a service that names a time is left alone until then.
func TestRetryAfter(t *testing.T) {
	for name, header := range map[string]func() string{
		"seconds": func() string { return "1" },
		"date":    func() string { return time.Now().Add(2 * time.Second).UTC().Format(http.TimeFormat) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var refused, answered time.Time
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				refused = time.Now()
				w.Header().Set("Retry-After", header())
				w.WriteHeader(http.StatusTooManyRequests)
			}, func(w http.ResponseWriter, r *http.Request) {
				answered = time.Now()
				proven(w, r)
			})
			ctx, cancel := context.WithTimeout(t.Context(), long)
			defer cancel()
			check, err := newChecker(t, httpcheck.Options{URL: s.URL}).Check(ctx, ann)
			require.NoError(t, err)
			require.True(t, check.Proven)
			require.GreaterOrEqual(t, answered.Sub(refused), time.Second) // a date has whole seconds
		})
	}
}

// TestRetryAfterTooLong: nobody waits for what can no longer help.
func TestRetryAfterTooLong(t *testing.T) {
	for name, after := range map[string]string{
		"behind the deadline": "45", "no deadline": "61", "overflow": "99999999999999999999999",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", after)
				w.WriteHeader(http.StatusServiceUnavailable)
			})
			ctx := t.Context()
			if name == "behind the deadline" {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, 40*time.Second)
				defer cancel()
			}
			_, err := newChecker(t, httpcheck.Options{URL: s.URL}).Check(ctx, ann)
			require.ErrorContains(t, err, "status 503 Service Unavailable")
			require.NoError(t, ctx.Err(), "it did not wait for the deadline")
			require.EqualValues(t, 1, s.asked.Load())
		})
	}
}

// TestRetryAfterThatSaysNothing is as good as none.
func TestRetryAfterThatSaysNothing(t *testing.T) {
	t.Parallel()
	for _, after := range []string{"soon", "-5", "1.5", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat)} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", after)
			w.WriteHeader(http.StatusServiceUnavailable)
		}, proven)
		check, err := newChecker(t, httpcheck.Options{URL: s.URL}).Check(t.Context(), ann)
		require.NoError(t, err)
		require.True(t, check.Proven)
	}
}

// hangInBody begins an answer and does not end it.
func hangInBody(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	_, _ = io.WriteString(w, `{"proven":`)
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

// TestAttemptsTimeOut: attempts that hang are given up; the next may do better,
// and where none does it is a deadline that was missed.
func TestAttemptsTimeOut(t *testing.T) {
	for name, hangs := range map[string]http.HandlerFunc{"before the answer": hang, "within it": hangInBody} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChecker(t, httpcheck.Options{URL: serve(t, hangs).URL, Timeout: short})
			_, err := c.Check(t.Context(), ann)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.ErrorContains(t, err, "no answer in time")

			c = newChecker(t, httpcheck.Options{URL: serve(t, hangs, proven).URL, Timeout: 2 * short})
			check, err := c.Check(t.Context(), ann)
			require.NoError(t, err)
			require.True(t, check.Proven)
		})
	}
}

// TestClientTimesOut: a client of the embedding service's own may have a
// shorter limit.
func TestClientTimesOut(t *testing.T) {
	t.Parallel()
	client := &http.Client{Timeout: short, Transport: new(http.Transport)}
	c := newChecker(t, httpcheck.Options{URL: serve(t, hang).URL, Timeout: long, Retries: 1, Client: client})
	_, err := c.Check(t.Context(), ann)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// TestSlowAnswer: an answer may come in pieces.
func TestSlowAnswer(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for _, piece := range []string{`{"prov`, `en":`, `true`, `}`} {
			_, _ = io.WriteString(w, piece)
			_ = http.NewResponseController(w).Flush()
			<-time.After(short / 10)
		}
	})
	check, err := newChecker(t, httpcheck.Options{URL: s.URL, Timeout: long}).Check(t.Context(), ann)
	require.NoError(t, err)
	require.True(t, check.Proven)
}

// TestDefaults: what a Checker does that is told nothing but its URL and not to
// retry.
func TestDefaults(t *testing.T) {
	t.Parallel()
	begun := time.Now()
	c := newChecker(t, httpcheck.Options{URL: serve(t, hang).URL, Retries: -1})
	_, err := c.Check(t.Context(), ann)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.GreaterOrEqual(t, time.Since(begun), 2*time.Second)

	c = newChecker(t, httpcheck.Options{URL: serve(t, broken).URL, Retries: -1})
	for range 5 {
		_, err = c.Check(t.Context(), ann)
		require.ErrorContains(t, err, "status 500")
	}
	_, err = c.Check(t.Context(), ann)
	require.ErrorIs(t, err, httpcheck.ErrOpen)
}

// TestDeadlineHolds: within an attempt, and between two.
func TestDeadlineHolds(t *testing.T) {
	for name, hangs := range map[string]http.HandlerFunc{"before the answer": hang, "within it": hangInBody} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), short)
			defer cancel()
			_, err := newChecker(t, httpcheck.Options{URL: serve(t, hangs).URL, Timeout: long}).Check(ctx, ann)
			require.ErrorIs(t, err, context.DeadlineExceeded)
		})
	}
	t.Run("after an attempt that timed out", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			hang(w, r)
			cancel()
		})
		_, err := newChecker(t, httpcheck.Options{URL: s.URL, Timeout: short}).Check(ctx, ann)
		require.ErrorIs(t, err, context.Canceled)
	})
	t.Run("between two attempts", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context()) // it has no deadline, so that it waits
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "59")
			w.WriteHeader(http.StatusServiceUnavailable)
			time.AfterFunc(short, cancel)
		})
		_, err := newChecker(t, httpcheck.Options{URL: s.URL}).Check(ctx, ann)
		require.ErrorIs(t, err, context.Canceled)
		require.EqualValues(t, 1, s.asked.Load())
	})
}

func TestContextThatIsOver(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := serve(t, proven)
	c := newChecker(t, httpcheck.Options{URL: s.URL})
	_, err := c.Check(ctx, ann)
	require.ErrorIs(t, err, context.Canceled)
	_, err = c.Eligible(ctx, steps.Association{ID: "1"})
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, s.asked.Load())
}

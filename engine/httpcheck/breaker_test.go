package httpcheck_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine/httpcheck"
	"github.com/stepgate/stepgate/steps"
)

// question has come to the service, which waits for how to reply to it.
type question chan<- http.HandlerFunc

// bench is a Checker and its service, which hands its questions to the test.
type bench struct {
	*httpcheck.Checker
	questions chan question
}

// newBench returns one whose Checker asks once a call, and whose breaker opens
// after so many failures for so long.
func newBench(t *testing.T, failures int, open time.Duration) *bench {
	t.Helper()
	b := &bench{questions: make(chan question)}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		reply := make(chan http.HandlerFunc, 1)
		select {
		case b.questions <- reply:
		case <-t.Context().Done():
			return
		}
		select {
		case then := <-reply:
			then(w, r)
		case <-t.Context().Done():
		}
	})
	b.Checker = newChecker(t, httpcheck.Options{
		URL: s.URL, Timeout: long, Retries: -1, BreakerFailures: failures, BreakerOpen: open,
	})
	return b
}

// begin asks, and tells later what came of it.
func (b *bench) begin(ctx context.Context) <-chan error {
	done := make(chan error, 1)
	go func() {
		_, err := b.Check(ctx, ann)
		done <- err
	}()
	return done
}

// ask asks, and has the service reply so.
func (b *bench) ask(t *testing.T, reply http.HandlerFunc) error {
	t.Helper()
	done := b.begin(t.Context())
	select {
	case q := <-b.questions:
		q <- reply
		return <-done
	case err := <-done:
		return err
	}
}

// probe asks until a question comes through.
func (b *bench) probe(ctx context.Context, t *testing.T) (q question, done <-chan error) {
	t.Helper()
	require.Eventually(t, func() bool {
		done = b.begin(ctx)
		select {
		case q = <-b.questions:
			return true
		case <-done:
			return false
		}
	}, long, time.Millisecond)
	return q, done
}

func TestBreakerOpensAfterFailuresInARow(t *testing.T) {
	t.Parallel()
	b := newBench(t, 3, long)
	for _, reply := range []http.HandlerFunc{broken, broken, proven, broken, reply(429, ""), reply(200, "garbage")} {
		require.NotErrorIs(t, b.ask(t, reply), httpcheck.ErrOpen)
	}
	require.ErrorIs(t, b.ask(t, proven), httpcheck.ErrOpen)
	_, err := b.Eligible(t.Context(), steps.Association{ID: "1"})
	require.ErrorIs(t, err, httpcheck.ErrOpen, "it is the same service")
}

// TestBreakerOpensWithinACall: the retries end with it, and the error says what
// opened it.
func TestBreakerOpensWithinACall(t *testing.T) {
	t.Parallel()
	s := serve(t, broken)
	c := newChecker(t, httpcheck.Options{URL: s.URL, Retries: 5, BreakerFailures: 2, BreakerOpen: long})
	_, err := c.Check(t.Context(), ann)
	require.ErrorIs(t, err, httpcheck.ErrOpen)
	require.ErrorContains(t, err, "after: status 500")
	require.EqualValues(t, 2, s.asked.Load())
}

// TestBreakerCountsTimeOuts: a service that hangs fails.
func TestBreakerCountsTimeOuts(t *testing.T) {
	t.Parallel()
	c := newChecker(t, httpcheck.Options{URL: serve(t, hang).URL, Timeout: short, BreakerFailures: 1, BreakerOpen: long})
	_, err := c.Check(t.Context(), ann)
	require.ErrorIs(t, err, httpcheck.ErrOpen)
	require.ErrorContains(t, err, "after: no answer in time")
}

// TestBreakerHalfOpens: one question goes through, and its answer decides.
func TestBreakerHalfOpens(t *testing.T) {
	t.Parallel()
	b := newBench(t, 2, short)
	require.ErrorContains(t, b.ask(t, broken), "status 500")
	require.ErrorContains(t, b.ask(t, broken), "status 500")

	// One failure opens it again.
	q, done := b.probe(t.Context(), t)
	failed := time.Now()
	q <- broken
	require.ErrorContains(t, <-done, "status 500")
	q, done = b.probe(t.Context(), t)
	require.GreaterOrEqual(t, time.Since(failed), short)

	// One success closes it, and then one failure does not open it.
	q <- proven
	require.NoError(t, <-done)
	require.ErrorContains(t, b.ask(t, broken), "status 500")
	require.NoError(t, b.ask(t, proven))
}

// TestBreakerProbesWithOneQuestion: while that one is out the others fail, and
// what was asked before the breaker opened decides nothing any more.
func TestBreakerProbesWithOneQuestion(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]http.HandlerFunc{"earlier success": proven, "earlier failure": broken} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, 1, short)
			earlier := b.begin(t.Context())
			late := <-b.questions
			require.ErrorContains(t, b.ask(t, broken), "status 500")

			q, done := b.probe(t.Context(), t)
			late <- reply
			<-earlier
			for range 100 {
				require.ErrorIs(t, b.ask(t, proven), httpcheck.ErrOpen)
			}
			q <- proven
			require.NoError(t, <-done)
			require.NoError(t, b.ask(t, proven))
		})
	}
}

// TestBreakerIgnoresCallersWhoGiveUp: they tell nothing for the service and
// nothing against it.
func TestBreakerIgnoresCallersWhoGiveUp(t *testing.T) {
	t.Parallel()
	b := newBench(t, 2, long)
	giveUp := func() {
		ctx, cancel := context.WithCancel(t.Context())
		done := b.begin(ctx)
		<-b.questions
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
	}
	for range 3 {
		giveUp()
	}
	require.ErrorContains(t, b.ask(t, broken), "status 500", "none of them counts as a failure")
	giveUp()
	require.ErrorContains(t, b.ask(t, broken), "status 500")
	require.ErrorIs(t, b.ask(t, proven), httpcheck.ErrOpen, "nor does one end a row of failures")
}

// TestBreakerProbeGivenUp: another question may try at once, and decides.
func TestBreakerProbeGivenUp(t *testing.T) {
	t.Parallel()
	b := newBench(t, 2, short)
	require.ErrorContains(t, b.ask(t, broken), "status 500")
	require.ErrorContains(t, b.ask(t, broken), "status 500")

	ctx, cancel := context.WithCancel(t.Context())
	_, gaveUp := b.probe(ctx, t)
	cancel()
	require.ErrorIs(t, <-gaveUp, context.Canceled)

	var failed time.Time
	require.ErrorContains(t, b.ask(t, func(w http.ResponseWriter, r *http.Request) {
		failed = time.Now()
		broken(w, r)
	}), "status 500", "it may try at once")
	q, done := b.probe(t.Context(), t)
	require.GreaterOrEqual(t, time.Since(failed), short, "one failure opened it: it was half-open")
	q <- proven
	require.NoError(t, <-done)
}

// TestBreakerIgnoresQuestionsAtFault: they say nothing against the service, and
// as a probe they show that it is there.
func TestBreakerIgnoresQuestionsAtFault(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1, short)
	for range 3 {
		require.ErrorContains(t, b.ask(t, reply(400, "")), "status 400")
	}
	require.ErrorContains(t, b.ask(t, broken), "status 500")
	q, done := b.probe(t.Context(), t)
	q <- reply(404, "")
	require.ErrorContains(t, <-done, "status 404")
	require.NoError(t, b.ask(t, proven))
}

package httpcheck

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	"github.com/failsafe-go/failsafe-go/timeout"
)

// How long to wait before an attempt that follows another: twice as long each
// time, and a little more or less, so that callers do not come back in step.
const (
	backoffFirst  = 100 * time.Millisecond
	backoffMost   = time.Second
	backoffJitter = 50 * time.Millisecond
)

// maxAnswer is the size of the longest answer that is read.
const maxAnswer = 64 << 10

// newAttempts returns how a question is asked: up to so many times more than
// once, each attempt within a limit.
func newAttempts(limit time.Duration, retries int) failsafe.Executor[any] {
	retry := retrypolicy.NewBuilder[any]().
		WithMaxRetries(retries).
		WithBackoff(backoffFirst, backoffMost).
		WithJitter(backoffJitter).
		WithDelayFunc(func(attempt failsafe.ExecutionAttempt[any]) time.Duration {
			if failed, ok := errors.AsType[*failure](attempt.LastError()); ok && failed.after > 0 {
				return failed.after + backoffJitter // the jitter does not bring it forward
			}
			return -1 // the backoff
		}).
		HandleIf(func(_ any, err error) bool {
			failed, ok := errors.AsType[*failure](err)
			return ok && failed.again || errors.Is(err, timeout.ErrExceeded)
		}).
		ReturnLastFailure().
		Build()
	return failsafe.With(retry, timeout.New[any](limit))
}

// ask asks until the service answers, ctx ends, or no attempt is left. What
// read calls a failure is no answer.
func (c *Checker) ask(ctx context.Context, question any, read func(answer []byte) *failure) error {
	body, err := json.Marshal(question)
	if err != nil {
		return err
	}
	var last *failure
	err = c.attempts.WithContext(ctx).RunWithExecution(func(attempt failsafe.Execution[any]) error {
		err := c.attempt(ctx, attempt.Context(), body, read)
		if failed, ok := errors.AsType[*failure](err); ok {
			last = failed
		}
		return err
	})
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.Is(err, timeout.ErrExceeded):
		err = errLate
	}
	if last != nil && !errors.Is(err, last) {
		err = fmt.Errorf("%w, after: %v", err, last) // why it was being asked again
	}
	return fmt.Errorf("%v: %w", c, err)
}

// attempt asks once, where the breaker lets it, until ctx ends. The caller's
// own context tells whether it was the caller who gave up.
func (c *Checker) attempt(caller, ctx context.Context, body []byte, read func([]byte) *failure) error {
	probe, err := c.breaker.admit()
	if err != nil {
		return err
	}
	failed := c.post(ctx, body, read)
	switch {
	case failed == nil:
		c.breaker.record(probe, succeeded)
		return nil
	case caller.Err() != nil:
		c.breaker.record(probe, abandoned)
		return caller.Err()
	case failed.counts:
		c.breaker.record(probe, broke)
	default:
		c.breaker.record(probe, succeeded)
	}
	return failed
}

// post sends one request and reads what comes.
func (c *Checker) post(ctx context.Context, body []byte, read func([]byte) *failure) *failure {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url.String(), bytes.NewReader(body))
	if err != nil {
		return &failure{text: "no request can be made of the URL"}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.client.Do(request)
	if err != nil {
		return noAnswer(ctx, err)
	}
	defer response.Body.Close()

	// The body is read whatever the status, so that the connection can be used
	// again.
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case response.StatusCode != http.StatusOK:
		return noSuccess(ctx, response)
	case err != nil:
		return noAnswer(ctx, err)
	case len(answer) > maxAnswer:
		return unreadable("it has more than 64 KiB")
	}
	return read(answer)
}

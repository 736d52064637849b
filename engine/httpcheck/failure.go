package httpcheck

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// failure is why an attempt brought no answer. It holds nothing that the
// service was sent or has sent, which may tell of a person.
type failure struct {
	text   string
	cause  error         // for errors.Is, or nil
	counts bool          // against the service: the breaker takes notice
	again  bool          // another attempt may do better
	after  time.Duration // how long the service asks to be left alone first
}

// Error implements error.
func (f *failure) Error() string { return f.text }

// Unwrap returns what kind of failure it is, for errors.Is.
func (f *failure) Unwrap() error { return f.cause }

// errLate is an attempt that took too long.
var errLate = &failure{text: "no answer in time", cause: context.DeadlineExceeded, counts: true, again: true}

// unreadable is an answer that is none.
func unreadable(why string) *failure {
	return &failure{text: "an answer that cannot be read: " + why, counts: true}
}

// noAnswer says why a request brought no answer. Of what net/http says only the
// kinds below are shown: others quote what the service sent.
func noAnswer(ctx context.Context, err error) *failure {
	if late, ok := errors.AsType[net.Error](err); ctx.Err() != nil || ok && late.Timeout() {
		return errLate
	}
	text := "the connection broke, or what came is not HTTP"
	if network, ok := errors.AsType[*net.OpError](err); ok {
		text = network.Error()
	} else if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		text = certificate.Error()
	}
	return &failure{text: text, counts: true, again: true}
}

// maxRetryAfter is how long a service may ask to be left alone before a
// question is given up rather than asked again.
const maxRetryAfter = time.Minute

// noSuccess says what a status other than 200 means. A question is not asked
// again where ctx would be over by then.
func noSuccess(ctx context.Context, response *http.Response) *failure {
	// The status line's own text is the service's.
	text := strings.TrimSpace(fmt.Sprintf("status %d %s", response.StatusCode, http.StatusText(response.StatusCode)))
	if response.StatusCode < 500 && response.StatusCode != http.StatusTooManyRequests {
		return &failure{text: text}
	}
	after := retryAfter(response.Header.Get("Retry-After"), time.Now())
	deadline, limited := ctx.Deadline()
	again := after <= maxRetryAfter && (!limited || after < time.Until(deadline))
	return &failure{text: text, counts: true, again: again, after: after}
}

// retryAfter reads the header of that name: seconds or a date. Zero: it says
// nothing.
func retryAfter(header string, now time.Time) time.Duration {
	seconds, err := strconv.ParseUint(header, 10, 32)
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(seconds) * time.Second
	}
	date, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	return max(date.Sub(now), 0)
}

package httpcheck

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/failsafe-go/failsafe-go"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
)

// ErrOpen says that the circuit breaker is open: the service failed several
// times in a row, and was not asked.
var ErrOpen = errors.New("circuit breaker open")

// Options are what a Checker may be told. All but URL may be left out.
type Options struct {
	// URL is where the service answers: absolute, http or https, without a user
	// and a password.
	URL string
	// Token is sent as a bearer token. Empty: none is.
	Token string
	// Timeout is how long one attempt may take. Callers should have more time: one
	// that gives up first says nothing about the service. Zero: 2 seconds.
	Timeout time.Duration
	// Retries is how many attempts may follow the first. Zero: 2. -1: none.
	Retries int
	// BreakerFailures is how many attempts in a row have failed when the circuit
	// breaker opens. Zero: 5.
	BreakerFailures int
	// BreakerOpen is how long it stays open. Zero: 10 seconds.
	BreakerOpen time.Duration
	// Client sends the requests, and decides on redirects. Nil: one of the
	// Checker's own, which follows none.
	Client *http.Client
}

// Checker asks one service. It is safe for concurrent use. Make one with New.
//
// Its errors hold neither what was asked nor what was answered nor the token.
// One that says that there was no answer in time, and one of a context that is
// over, is a context error; where the circuit breaker kept it from asking, it is
// ErrOpen.
type Checker struct {
	url      *url.URL
	token    string
	client   *http.Client
	attempts failsafe.Executor[any]
	breaker  *breaker
}

var (
	_ engine.Checker     = (*Checker)(nil)
	_ engine.Eligibility = (*Checker)(nil)
)

// New returns a Checker, or what is wrong with the options.
func New(opts Options) (*Checker, error) {
	address, err := parseURL(opts.URL)
	if err != nil {
		return nil, err
	}
	switch {
	case strings.ContainsFunc(opts.Token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return nil, errors.New("checker: the token holds a space, a line end or another character that a token cannot have")
	case opts.Timeout < 0 || opts.BreakerOpen < 0:
		return nil, errors.New("checker: a duration is below zero")
	case opts.Retries < -1 || opts.BreakerFailures < 0:
		return nil, errors.New("checker: a number is below zero; -1 retries are none")
	}
	if opts.Timeout == 0 {
		opts.Timeout = 2 * time.Second
	}
	if opts.Retries == 0 {
		opts.Retries = 2
	}
	if opts.BreakerFailures == 0 {
		opts.BreakerFailures = 5
	}
	if opts.BreakerOpen == 0 {
		opts.BreakerOpen = 10 * time.Second
	}
	if opts.Client == nil {
		opts.Client = newClient(opts.Timeout)
	}
	return &Checker{
		url:      address,
		token:    opts.Token,
		client:   opts.Client,
		attempts: newAttempts(opts.Timeout, max(opts.Retries, 0)),
		breaker:  newBreaker(opts.BreakerFailures, opts.BreakerOpen),
	}, nil
}

// parseURL reads the URL of a service. An error does not show it: its query may
// hold a secret.
func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, errors.New("checker: the URL is not of the form https://host/path")
	case u.User != nil:
		return nil, errors.New("checker: the URL holds a user: a token is a safer place for what is secret")
	}
	return u, nil
}

// Check implements engine.Checker.
func (c *Checker) Check(ctx context.Context, subject steps.Subject) (engine.Check, error) {
	question := checkQuestion{
		Step: subject.Step, User: subject.User, Device: subject.Device, VIN: subject.VIN, StepsID: subject.StepsID,
	}
	var check engine.Check
	err := c.ask(ctx, question, func(answer []byte) (failed *failure) {
		check, failed = parseCheck(answer)
		return failed
	})
	if err != nil {
		return engine.Check{}, err
	}
	return check, nil
}

// Eligible implements engine.Eligibility.
func (c *Checker) Eligible(ctx context.Context, a steps.Association) (why string, err error) {
	question := eligibleQuestion{CarAssociationID: a.ID, User: a.User, Service: a.Service, VIN: a.VIN}
	err = c.ask(ctx, question, func(answer []byte) (failed *failure) {
		why, failed = parseEligible(answer)
		return failed
	})
	if err != nil {
		return "", err
	}
	return why, nil
}

// String says where the service is, and no secret.
func (c *Checker) String() string { return "checker at " + c.url.Host }

// CloseIdleConnections closes the connections that no question is using. The
// Checker can be used afterwards.
func (c *Checker) CloseIdleConnections() { c.client.CloseIdleConnections() }

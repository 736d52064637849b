package httpcheck

import (
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// breaker lets attempts pass until so many in a row have failed, then none for
// a while, then one, the probe, whose outcome closes or opens it again.
//
// It stands around the library's breaker, whose own policy would take an attempt
// that its caller gave up for a success.
type breaker struct {
	mu      sync.Mutex // the library's steps, taken together
	circuit circuitbreaker.CircuitBreaker[any]
}

func newBreaker(failures int, open time.Duration) *breaker {
	return &breaker{circuit: circuitbreaker.NewBuilder[any]().
		WithFailureThreshold(uint(failures)).
		WithDelay(open).
		WithSuccessThreshold(1).
		Build()}
}

// outcome is what an attempt tells of the service.
type outcome uint8

const (
	succeeded outcome = iota // it works
	broke                    // it does not
	abandoned                // nothing: the caller gave up
)

// admit lets an attempt pass, or returns ErrOpen. What passes is to be
// recorded.
func (b *breaker) admit() (probe bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.circuit.TryAcquirePermit() {
		return false, ErrOpen
	}
	return b.circuit.IsHalfOpen(), nil
}

// record takes notice of how an attempt ended.
func (b *breaker) record(probe bool, o outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case probe != b.circuit.IsHalfOpen():
		// It began before the breaker opened: the probe tells what is so now.
	case o == succeeded:
		b.circuit.RecordSuccess()
	case o == broke:
		b.circuit.RecordFailure()
	case probe:
		// The library takes a permit back only with an outcome; half-open anew, it
		// has another for the next attempt.
		b.circuit.Open()
		b.circuit.HalfOpen()
	}
}

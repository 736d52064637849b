package engine

import (
	"context"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// Checker knows whether a step is proven, since it asks whoever proves it. The
// embedding service supplies it, under the name that a plan's steps call it by;
// it is safe for concurrent use.
//
// An error leaves everything as it is: a context's reaches callers as
// steps.ErrTimeout, any other as steps.ErrUnavailable, both with the step.
type Checker interface {
	Check(ctx context.Context, subject steps.Subject) (Check, error)
}

// Check is what a checker says.
type Check struct {
	Proven bool
	Until  time.Time // how long it counts; zero: as long as the plan says
}

// Eligibility tells whether a vehicle is able to have a service at all, before
// an activation is made for it. It is safe for concurrent use; its errors are
// taken as a Checker's.
type Eligibility interface {
	// Eligible returns "" or why not, in a sentence for the user.
	Eligible(ctx context.Context, a steps.Association) (why string, err error)
}

// CheckerFunc is a function as a Checker.
type CheckerFunc func(ctx context.Context, subject steps.Subject) (Check, error)

// Check implements Checker.
func (f CheckerFunc) Check(ctx context.Context, subject steps.Subject) (Check, error) {
	return f(ctx, subject)
}

// EligibilityFunc is a function as an Eligibility.
type EligibilityFunc func(ctx context.Context, a steps.Association) (why string, err error)

// Eligible implements Eligibility.
func (f EligibilityFunc) Eligible(ctx context.Context, a steps.Association) (why string, err error) {
	return f(ctx, a)
}

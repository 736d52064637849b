// Package client asks an engine, in this process or behind a server, through
// one interface.
package client

import (
	"context"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/steps"
)

// Client asks an engine as one caller. Every implementation gives the same
// answers.
//
// What an engine answers is a *steps.Error where it is an error; where it was
// not reached the error is *Unreachable.
type Client interface {
	// Steps returns the list of steps, and creates the activation on first use.
	Steps(ctx context.Context, req engine.StepsRequest) (httpapi.Activation, error)
	// Next returns the next step to do, or nil where none is left.
	Next(ctx context.Context, id steps.ID) (*steps.Item, error)
	// Send has events judged, in their order. Results stand in the order of
	// the events; an error is about all of them.
	Send(ctx context.Context, events []steps.Event) ([]engine.Result, error)
	// Show returns an activation with all its steps.
	Show(ctx context.Context, id steps.ID) (httpapi.Activation, error)
	// History returns the whole history of an activation.
	History(ctx context.Context, id steps.ID) (httpapi.HistoryPage, error)
	// Explain says what blocks an activation, and what unblocks it.
	Explain(ctx context.Context, id steps.ID) (httpapi.Explanation, error)
	// List returns a page of activations.
	List(ctx context.Context, q Query) (httpapi.ActivationPage, error)
	// Erase takes away everything of a user, and what was put of its
	// associations. Where it breaks off, the receipt says what is erased.
	Erase(ctx context.Context, req httpapi.ErasureRequest) (httpapi.Receipt, error)
	// Verify verifies a page of histories.
	Verify(ctx context.Context, page Page) (httpapi.Verification, error)
	// Plans returns the plans that the engine judges by.
	Plans(ctx context.Context) (httpapi.Plans, error)
	// Preview says what the plans of a file, given as its text, mean for a page
	// of activations.
	Preview(ctx context.Context, file []byte, page Page) (httpapi.Preview, error)
	// Close gives back what the client holds.
	Close() error
}

// Query says which activations a page holds. A zero member does not filter.
type Query struct {
	User        string
	State       string
	Service     string
	Association string
	Cursor      string // the Next of the page before
	Limit       int    // 1 to 1000; zero: as the engine likes
}

// Page says where a page begins, in the order of the stepsIDs.
type Page struct {
	After steps.ID // the Next of the page before
	Limit int      // 1 to 1000; zero: as the engine likes
}

// Unreachable says that a server gave no answer that could be read.
type Unreachable struct {
	Server string
	Err    error
}

// Error implements error.
func (u *Unreachable) Error() string { return "cannot reach " + u.Server + ": " + u.Err.Error() }

// Unwrap returns the cause.
func (u *Unreachable) Unwrap() error { return u.Err }

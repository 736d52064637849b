// Package store is the contract between the engine and what remembers.
//
// A store keeps activations, each with its history, and the evidence that
// steps are proven. It holds no rule: what a change means was decided before
// it came. Package storetest is this contract as a test suite, memstore its
// reference, and every other store passes the same suite.
package store

import (
	"context"
	"errors"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// Store remembers activations. Implementations are safe for concurrent use and
// pass storetest.Run. Neither side writes into a slice that the other gave it.
//
// Every error is one of the sentinels below, wrapped, or the context's. A
// method whose context is over before it began does nothing.
type Store interface {
	// Load returns the activations of ids, in their order, each at its newest
	// durable revision. One that is absent is the zero Activation.
	Load(ctx context.Context, ids []steps.ID) ([]steps.Activation, error)

	// Find returns the activation of a binding, or ErrNotFound.
	Find(ctx context.Context, binding steps.Binding) (steps.Activation, error)

	// History returns the whole history of each of ids, in their order, oldest
	// entry first. One that is absent has none.
	History(ctx context.Context, ids []steps.ID) ([][]steps.Entry, error)

	// Scan returns up to limit activations (zero or less: DefaultLimit), each
	// with exactly the history that led to it, in ascending order of their IDs, each of an ID above
	// after. One that is damaged does not keep the others from being read.
	Scan(ctx context.Context, after steps.ID, limit int) ([]Scanned, error)

	// Commit makes each change durable, whole or not at all, independently of
	// the others, in one durable write where the store can. Changes take effect
	// in their order; no two of one call are of the same activation.
	//
	// results[i] is nil where change i is durable; ErrExists where it creates
	// an activation whose StepsID or Binding is taken; ErrConflict where the
	// activation is not at revision From, or something else that the change rests
	// on has changed; ErrUnavailable or the context's error where it may or may
	// not be durable, now or later: the history tells.
	Commit(ctx context.Context, changes []Change) (results []error)

	// Erase replaces each activation with what an Erasure leaves of it, its
	// history and its entries in the feed included, and frees its binding. The
	// entry that tells of the erasure comes in the feed as any other. Results are
	// as with Commit, and no two erasures of one call are of the same activation.
	Erase(ctx context.Context, erasures []Erasure) (results []error)

	// Evidence returns what is proven for each of subjects, in their order. The
	// zero Evidence: nothing is.
	Evidence(ctx context.Context, subjects []steps.Subject) ([]steps.Evidence, error)

	// Tallies returns what is counted for each of subjects, in their order. The
	// zero Tally: nothing is.
	Tallies(ctx context.Context, subjects []steps.Subject) ([]steps.Tally, error)

	// Due returns the IDs of up to limit activations (zero or less: DefaultLimit)
	// whose Due is not zero and not after now, soonest first.
	Due(ctx context.Context, now time.Time, limit int) ([]steps.ID, error)

	// List returns up to q.Limit activations that match, in ascending order of
	// their IDs, each of an ID above q.After.
	List(ctx context.Context, q Query) ([]steps.Activation, error)

	// Changes returns up to limit entries (zero or less: DefaultLimit) that were
	// made durable after the cursor, in the order in which they were, those of
	// one activation in the order of their revisions. None: there is nothing
	// newer. "" is the beginning. A text that is no cursor of this store is
	// ErrCursor, as is a cursor that lies behind the end of its feed.
	Changes(ctx context.Context, after Cursor, limit int) ([]Told, error)

	// Close gives back what the store holds. Every later call is ErrClosed;
	// closing twice is not an error.
	Close() error
}

// Heads is implemented by stores that know without I/O at which durable
// revision an activation is, since nothing else writes to them.
type Heads interface {
	// Head returns the newest durable revision of an activation; ok is false
	// where only Load can tell.
	Head(id steps.ID) (revision uint32, ok bool)
}

// Change is one atomic step of one activation.
type Change struct {
	From       uint32           // the revision it was decided on; 0 creates the activation
	Rests      Rests            // what else it was decided on
	Activation steps.Activation // afterwards, at revision From + len(Entries)
	Entries    []steps.Entry    // what led to it, at least one
	Proven     []steps.Evidence // evidence to remember, in place of what is known of its subject
	Withdrawn  []steps.Subject  // evidence to forget; where a subject stands in both, Proven holds
	Tallies    []steps.Tally    // to remember, in place of what is known of their subjects
}

// Rests is what a change was decided on besides its activation. Where any of it
// is no longer so, the change is ErrConflict.
type Rests struct {
	Evidence []steps.Evidence // each is what is known of its subject
	Tallies  []steps.Tally    // each is at this Revision; the other members say nothing
}

// Erasure takes from an activation what tells of persons.
type Erasure struct {
	From       uint32           // the revision it was decided on
	Activation steps.Activation // afterwards, at revision From + 1: without its binding
	Entries    []steps.Entry    // the whole history afterwards, which tells of the erasure last
	Subjects   []steps.Subject  // evidence and tallies to forget
}

// Scanned is an activation with its history, or why it cannot be read.
type Scanned struct {
	StepsID    steps.ID
	Activation steps.Activation
	Entries    []steps.Entry
	Err        error
}

// Query says which activations List returns. A zero member does not filter.
type Query struct {
	User        string
	State       steps.State
	Service     string
	Association string
	After       steps.ID
	Limit       int // zero or less: DefaultLimit
}

// DefaultLimit is how many a list holds where nothing else is said, and
// MaxLimit how many at the most.
const (
	DefaultLimit = 100
	MaxLimit     = 1000
)

// Cursor is a place in the feed of changes. Only the store that gave it can
// read it.
type Cursor string

// Told is a history entry in the feed.
type Told struct {
	Cursor  Cursor // the place behind it
	StepsID steps.ID
	Entry   steps.Entry
}

// The conditions, for errors.Is.
var (
	// ErrNotFound: there is no such activation.
	ErrNotFound = errors.New("not found")
	// ErrExists: the ID or the binding is taken.
	ErrExists = errors.New("activation exists")
	// ErrConflict: somebody else moved the activation on, or what the change
	// rests on. Load it and decide again.
	ErrConflict = errors.New("what the change rests on has moved")
	// ErrCursor: the text is no cursor of this store.
	ErrCursor = errors.New("not a cursor of this store")
	// ErrUnavailable: the store cannot serve now (disk full, server away). After
	// a Commit the outcome is unknown: the history tells.
	ErrUnavailable = errors.New("store unavailable")
	// ErrCorrupt: what is stored is not what was written. It is never answered
	// by a guess, and does not go away by itself.
	ErrCorrupt = errors.New("store corrupt")
	// ErrClosed: the store was closed.
	ErrClosed = errors.New("store closed")
)

// Millis returns a time as stores keep it: UTC, to the millisecond.
func Millis(t time.Time) time.Time { return time.UnixMilli(t.UnixMilli()).UTC() }

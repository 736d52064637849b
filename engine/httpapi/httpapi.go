// Package httpapi serves an engine over HTTP: the API of the source text below
// /pims, and the native one below /v1.
//
// Every request has a caller, which [Options.Authenticate] finds, but for those
// that tell nothing of anybody (codes, description, health). What a caller may
// do with activations the engine decides; plans and associations are operators'.
// Errors of /pims are envelopes with the codes of contract section 2, errors of
// /v1 are problems (RFC 9457) with the same code beside the text. What is
// unexpected goes to the log; of it, and of anybody's personal data, nothing
// else does.
package httpapi

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/handler"
	"github.com/stepgate/stepgate/steps"
)

// Options are what a handler needs to be told. The zero value serves
// development on this machine alone.
type Options struct {
	// Authenticate finds the caller of a request. Nil: Development().
	Authenticate Authenticate
	// Associations takes what PUT /v1/associations/{id} declares. Nil: the call
	// is refused.
	Associations AssociationWriter
	// Ready says why the service cannot serve, for /readyz; the answer does not
	// show it. Nil: it can.
	Ready func(ctx context.Context) error
	// Log takes what is unexpected, under the id that the answer has. Nil:
	// slog.Default().
	Log *slog.Logger
	// Timeout is how long a call may take before it is answered with code 2201.
	// Zero: 10 seconds.
	Timeout time.Duration
}

// defaultTimeout is the zero Options.Timeout.
const defaultTimeout = 10 * time.Second

// AssociationWriter remembers associations. It is safe for concurrent use. An
// association comes as it was sent: Put says what is wrong with it by a
// *steps.Error of ErrMissing or ErrInvalid. A nil error means that the
// association is as durable as the service promises.
type AssociationWriter interface {
	Put(ctx context.Context, a steps.Association) error
}

// server is what the handlers share.
type server struct {
	engine *engine.Engine
	opts   Options
}

// New returns a handler of both APIs. It can be mounted under any mux that
// leaves the path as it is.
func New(eng *engine.Engine, opts Options) http.Handler {
	if opts.Authenticate == nil {
		opts.Authenticate = Development()
	}
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	if opts.Timeout <= 0 {
		opts.Timeout = defaultTimeout
	}
	s := &server{engine: eng, opts: opts}
	mux := http.NewServeMux()
	s.addPims(mux)
	s.addNative(mux)
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok\n") })
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.HandleFunc(everything, unmatched(mux))
	return s.guarded(mux)
}

func (s *server) readyz(w http.ResponseWriter, r *http.Request) {
	if s.opts.Ready != nil {
		if err := s.opts.Ready(r.Context()); err != nil {
			s.opts.Log.Warn("not ready", "err", err)
			writeText(w, http.StatusServiceUnavailable, "the store cannot serve now\n")
			return
		}
	}
	writeText(w, http.StatusOK, "ok\n")
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// readBody reads the body of a request, of at most handler.MaxBytes.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(unwrapped(w), r.Body, handler.MaxBytes))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, steps.Invalid("body", "the body has more than 1 MiB")
	}
	if err != nil {
		return nil, steps.Invalid("body", "the body could not be read to its end")
	}
	return body, nil
}

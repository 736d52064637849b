// Package httpapi serves an engine over HTTP: the API of the source text below
// /pims, and the native one below /v1.
//
// Every request has a caller, which [Options.Authenticate] finds; what a caller
// may do the engine decides. Errors of /pims are envelopes with the codes of
// contract section 2, errors of /v1 are problems (RFC 9457) with the same code
// beside the text. What is unexpected goes to the log; of it, and of anybody's
// personal data, nothing else does.
package httpapi

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"

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
	// Ready says why the service cannot serve, for /readyz. Nil: it can.
	Ready func(ctx context.Context) error
	// Log takes what is unexpected. Nil: slog.Default().
	Log *slog.Logger
}

// AssociationWriter remembers associations. It is safe for concurrent use, and
// a nil error means that the association is as durable as the service promises.
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
	s := &server{engine: eng, opts: opts}
	mux := http.NewServeMux()
	s.addPims(mux)
	s.addNative(mux)
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok\n") })
	mux.HandleFunc("GET /readyz", s.readyz)
	return s.guarded(mux)
}

func (s *server) readyz(w http.ResponseWriter, r *http.Request) {
	if s.opts.Ready != nil {
		if err := s.opts.Ready(r.Context()); err != nil {
			s.opts.Log.Error("not ready", "err", err)
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

// guarded lets nobody keep an answer, and turns a panic into an unknown error.
func (s *server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		defer func() {
			if fault := recover(); fault != nil && fault != http.ErrAbortHandler {
				s.opts.Log.Error("panic", "route", r.Pattern, "fault", fault, "stack", string(debug.Stack()))
				writeProblem(w, problemOf(&steps.Error{Code: steps.CodeUnknown}))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// readBody reads the body of a request, of at most handler.MaxBytes.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, handler.MaxBytes))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, steps.Invalid("body", "the body has more than 1 MiB")
	}
	if err != nil {
		return nil, steps.Invalid("body", "the body could not be read to its end")
	}
	return body, nil
}

// typed returns an error as the engine's one, and logs what nobody expects.
func (s *server) typed(r *http.Request, err error) *steps.Error {
	e, ok := errors.AsType[*steps.Error](err)
	if !ok {
		e = &steps.Error{Code: steps.CodeUnknown, Err: err}
	}
	if cause := e.Unwrap(); cause != nil || e.Code == steps.CodeUnknown {
		s.opts.Log.Error("request failed", "route", r.Pattern, "code", int(e.Code), "err", cause)
	}
	return e
}

// statuses are the HTTP statuses of the codes (contract, section 2).
var statuses = map[steps.Code]int{
	steps.CodeUnknown:   http.StatusInternalServerError,
	steps.CodeMissing:   http.StatusBadRequest,
	steps.CodeInvalid:   http.StatusBadRequest,
	steps.CodeTimeout:   http.StatusGatewayTimeout,
	steps.CodeServer:    http.StatusServiceUnavailable,
	steps.CodeNoToken:   http.StatusUnauthorized,
	steps.CodeForbidden: http.StatusForbidden,
	steps.CodeBlocked:   http.StatusForbidden,
	steps.CodeNoDevice:  http.StatusConflict,
	steps.CodeRefused:   http.StatusConflict,
	steps.CodeNotFound:  http.StatusNotFound,
}

// challenge names the scheme where a token is missing (RFC 6750).
func challenge(w http.ResponseWriter, code steps.Code) {
	if code == steps.CodeNoToken {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
}

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
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
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

// guarded lets nobody keep an answer, bounds the time that a call may take, and
// turns a panic into an unknown error.
func (s *server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		ctx, cancel := context.WithTimeout(r.Context(), s.opts.Timeout)
		defer cancel()
		r = r.WithContext(ctx)
		defer func() {
			if fault := recover(); fault == http.ErrAbortHandler {
				panic(fault)
			} else if fault != nil {
				s.fail(w, r, fmt.Errorf("panic: %v\n%s", fault, debug.Stack()))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// fail answers a request with an error, in the form of the API it is for.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	id := newTransactionID()
	if r.URL.Path == "/pims" || strings.HasPrefix(r.URL.Path, "/pims/") {
		writeFailure(w, id, s.typed(r, id, err))
		return
	}
	writeProblem(w, s.problem(r, id, err))
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

// typed returns an error as the engine's one, for an answer with this id. What
// the caller is not told, or cannot help, goes to the log.
func (s *server) typed(r *http.Request, id string, err error) *steps.Error {
	e, ok := errors.AsType[*steps.Error](err)
	if !ok || statuses[e.Code] == 0 {
		e = &steps.Error{Code: steps.CodeUnknown, Err: err}
	}
	gone := errors.Is(r.Context().Err(), context.Canceled)
	switch {
	case e.Code == steps.CodeUnknown:
		s.opts.Log.Error("call failed", "transactionId", id, "route", r.Pattern, "code", int(e.Code), "err", err)
		return &steps.Error{Code: steps.CodeUnknown}
	case !gone && (e.Code == steps.CodeTimeout || e.Code == steps.CodeServer):
		s.opts.Log.Warn("call not served", "transactionId", id, "route", r.Pattern, "code", int(e.Code), "err", err)
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

// setErrorHeaders sets what goes with a code: the scheme where a token is
// missing (RFC 6750), when to come again where the service cannot serve.
func setErrorHeaders(header http.Header, code steps.Code) {
	switch code {
	case steps.CodeNoToken:
		header.Set("WWW-Authenticate", "Bearer")
	case steps.CodeServer:
		header.Set("Retry-After", "1")
	}
}

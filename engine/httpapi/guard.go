package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
)

// guarded lets nobody keep an answer, bounds the time that a call may take, and
// turns a panic into an unknown error. Where the answer has begun by then, the
// connection is cut off: half an answer must not pass for a whole one.
func (s *server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		ctx, cancel := context.WithTimeout(r.Context(), s.opts.Timeout)
		defer cancel()
		r = r.WithContext(ctx)
		answer := &answerWriter{ResponseWriter: w}
		defer func() {
			fault := recover()
			switch {
			case fault == nil:
			case fault == http.ErrAbortHandler:
				panic(fault)
			case answer.begun:
				s.typed(r, newTransactionID(), panicked(fault))
				panic(http.ErrAbortHandler)
			default:
				s.fail(w, r, panicked(fault))
			}
		}()
		next.ServeHTTP(answer, r)
	})
}

func panicked(fault any) error { return fmt.Errorf("panic: %v\n%s", fault, debug.Stack()) }

// answerWriter knows whether the answer has begun.
type answerWriter struct {
	http.ResponseWriter
	begun bool
}

// WriteHeader implements http.ResponseWriter.
func (w *answerWriter) WriteHeader(status int) {
	w.begun = true
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *answerWriter) Write(b []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(b)
}

// Unwrap gives http.ResponseController what it looks for.
func (w *answerWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// unwrapped returns the writer of the server itself, which closes a connection
// whose request is too large.
func unwrapped(w http.ResponseWriter) http.ResponseWriter {
	if answer, ok := w.(*answerWriter); ok {
		return answer.ResponseWriter
	}
	return w
}

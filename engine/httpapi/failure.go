package httpapi

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// fail answers a request with an error, in the form of the API it is for.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if !isPims(r) {
		writeProblem(w, s.problem(r, err))
		return
	}
	id := newTransactionID()
	e := s.typed(r, id, err)
	writeFailure(w, id, statuses[e.Code], e)
}

// isPims reports whether a request is for the API of the source text.
func isPims(r *http.Request) bool {
	return r.URL.Path == "/pims" || strings.HasPrefix(r.URL.Path, "/pims/")
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

// setErrorHeaders sets what goes with an error: the scheme where a token is
// missing (RFC 6750), and when to come again where that is known or the service
// cannot serve.
func setErrorHeaders(header http.Header, code steps.Code, retryAt time.Time) {
	switch {
	case code == steps.CodeNoToken:
		header.Set("WWW-Authenticate", "Bearer")
	case !retryAt.IsZero():
		seconds := math.Ceil(time.Until(retryAt).Seconds())
		header.Set("Retry-After", strconv.Itoa(max(1, int(seconds))))
	case code == steps.CodeServer:
		header.Set("Retry-After", "1")
	}
}

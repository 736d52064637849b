package steps

import (
	"errors"
	"strings"
	"time"
)

// Code is an error code of the API of the source text (contract, section 2).
type Code int

// The codes, each with its label in labels.
const (
	CodeUnknown   Code = 2000 // anything unexpected; the detail is for the log alone
	CodeMissing   Code = 2101 // a parameter that is needed is absent
	CodeInvalid   Code = 2102 // a parameter cannot mean anything
	CodeTimeout   Code = 2201 // the store or a checker did not answer in time
	CodeServer    Code = 2204 // the store or a checker cannot serve
	CodeNoToken   Code = 2301 // who calls is not known
	CodeForbidden Code = 2302 // the caller is known, and has not the right
	CodeBlocked   Code = 2310 // the failure budget is spent
	CodeNoDevice  Code = 2312 // device evidence revoked, or device unknown
	CodeRefused   Code = 2317 // refused in the present state
	CodeNotFound  Code = 2346 // no activation for this stepsID and this caller
)

var labels = map[Code]string{
	CodeUnknown:   "Unknown error",
	CodeMissing:   "Missing [PARAMETER] parameter",
	CodeInvalid:   "Invalid [PARAMETER] parameter",
	CodeTimeout:   "Timeout",
	CodeServer:    "Server Error",
	CodeNoToken:   "Need Basic Authentication",
	CodeForbidden: "Need Strong Authentication",
	CodeBlocked:   "account is blocked",
	CodeNoDevice:  "device is disabled or unknown",
	CodeRefused:   "forbidden operation",
	CodeNotFound:  "No Step for this stepsID [stepsID]",
}

// Codes returns every code, in ascending order.
func Codes() []Code {
	return []Code{
		CodeUnknown, CodeMissing, CodeInvalid, CodeTimeout, CodeServer, CodeNoToken,
		CodeForbidden, CodeBlocked, CodeNoDevice, CodeRefused, CodeNotFound,
	}
}

// Label returns the code's text as the contract's table has it, the place for
// a parameter's name still in brackets.
func (c Code) Label() string { return labels[c] }

// Error is the one typed error of the engine: a code for the machine, and a
// sentence for the person who can mend it.
//
// Compare conditions with errors.Is and the sentinels below; they match on
// Code alone.
type Error struct {
	Code      Code
	Parameter string    // which parameter, for CodeMissing and CodeInvalid
	Detail    string    // what is wrong and what to do next; shown to the caller
	Steps     []string  // the steps whose checkers failed: the API's subCode
	RetryAt   time.Time // when it can succeed at the earliest, where that is known
	Err       error     // what caused it; for the log, never shown to the caller
}

// The conditions, for errors.Is.
var (
	ErrMissing     = &Error{Code: CodeMissing}
	ErrInvalid     = &Error{Code: CodeInvalid}
	ErrTimeout     = &Error{Code: CodeTimeout}
	ErrUnavailable = &Error{Code: CodeServer}
	ErrNoToken     = &Error{Code: CodeNoToken}
	ErrForbidden   = &Error{Code: CodeForbidden}
	ErrBlocked     = &Error{Code: CodeBlocked}
	ErrNoDevice    = &Error{Code: CodeNoDevice}
	ErrRefused     = &Error{Code: CodeRefused}
	ErrNotFound    = &Error{Code: CodeNotFound}
)

// Missing says that a parameter is needed.
func Missing(parameter, detail string) *Error {
	return &Error{Code: CodeMissing, Parameter: parameter, Detail: detail}
}

// Invalid says that a parameter cannot mean anything.
func Invalid(parameter, detail string) *Error {
	return &Error{Code: CodeInvalid, Parameter: parameter, Detail: detail}
}

// Error returns the label with the parameter in its place, the detail, and
// the cause.
func (e *Error) Error() string {
	text := e.Label()
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is an *Error of the same code.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Code == e.Code
}

// Label returns the code's label with the parameter's name in its place.
func (e *Error) Label() string {
	return strings.Replace(e.Code.Label(), "[PARAMETER]", e.Parameter, 1)
}

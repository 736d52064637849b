package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/associations"
	"github.com/stepgate/stepgate/cmd/stepgate/internal/client"
	"github.com/stepgate/stepgate/steps"
)

// The exit codes.
const (
	exitOK          = 0
	exitRefused     = 1
	exitUsage       = 2
	exitUnreachable = 3
	exitFault       = 4
	exitUnsound     = 5
	exitStranded    = 6
)

// exits says what each exit code means, for --help.
var exits = [...]string{
	exitOK:          "done",
	exitRefused:     "the call was refused, or some of the events were refused or failed",
	exitUsage:       "a flag, a variable or a file is wrong; nothing was done",
	exitUnreachable: "the server or the store cannot be reached, or cannot serve now",
	exitFault:       "the program or its store is at fault; the log says more",
	exitUnsound:     "verify found what is not as it was written",
	exitStranded:    "the plans would strand an activation; nothing was moved",
}

// failure is an error with its exit code and what the user can do about it.
type failure struct {
	code int
	err  error
	next string // what to do next; "" where err says so
}

func (f *failure) Error() string {
	if f.next == "" {
		return f.err.Error()
	}
	return f.err.Error() + ": " + f.next
}

func (f *failure) Unwrap() error { return f.err }

// fail returns a failure of what is wrong and what to do next.
func fail(code int, next, format string, args ...any) error {
	return &failure{code: code, err: fmt.Errorf(format, args...), next: next}
}

// errQuiet ends the program with a code after everything was said.
type errQuiet int

func (e errQuiet) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// exitOf returns the exit code of an error.
func exitOf(err error) int {
	if err == nil {
		return exitOK
	}
	if quiet, ok := errors.AsType[errQuiet](err); ok {
		return int(quiet)
	}
	if f, ok := errors.AsType[*failure](err); ok {
		return f.code
	}
	if _, ok := errors.AsType[*client.Unreachable](err); ok {
		return exitUnreachable
	}
	if _, ok := errors.AsType[*kong.ParseError](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[*associations.Faults](err); ok {
		return exitUsage
	}
	if e, ok := errors.AsType[*steps.Error](err); ok {
		return exitOfCode(e.Code)
	}
	return exitFault
}

func exitOfCode(code steps.Code) int {
	switch code {
	case steps.CodeTimeout, steps.CodeServer:
		return exitUnreachable
	case steps.CodeUnknown:
		return exitFault
	}
	return exitRefused
}

// explain says what is wrong and what to do next, in one line.
func explain(err error) string {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.Error()
	}
	if parse, ok := errors.AsType[*kong.ParseError](err); ok {
		return parse.Error() + ": see " + strings.TrimSpace("stepgate "+commandOf(parse.Context)) + " --help"
	}
	if u, ok := errors.AsType[*client.Unreachable](err); ok {
		return u.Error() + `: start one with "stepgate serve", or name another with --server`
	}
	e, ok := errors.AsType[*steps.Error](err)
	if !ok {
		return err.Error()
	}
	text := e.Error()
	if len(e.Steps) > 0 {
		text += ": " + strings.Join(e.Steps, ", ")
	}
	if next := nextOf[e.Code]; next != "" && e.Detail == "" {
		text += ": " + next
	}
	if !e.RetryAt.IsZero() {
		text += ": try again at " + showTime(e.RetryAt)
	}
	return text
}

// nextOf says what to do next about an error that does not say so itself.
var nextOf = map[steps.Code]string{
	steps.CodeUnknown:   "the log of the server says more",
	steps.CodeTimeout:   "do it again; what was judged already keeps its verdict",
	steps.CodeServer:    "do it again a little later",
	steps.CodeNoToken:   "give a token by STEPGATE_TOKEN",
	steps.CodeForbidden: "use a token that has the right",
	steps.CodeNotFound:  "check the stepsID, and that user and device are those that it was given to",
}

// commandOf returns the command that a command line chose, or "".
func commandOf(ctx *kong.Context) string {
	if ctx == nil || ctx.Selected() == nil {
		return ""
	}
	return ctx.Selected().Path()
}

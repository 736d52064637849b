package engine

import (
	"context"
	"errors"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// errBusy: as many events wait as may.
var errBusy = &steps.Error{
	Code:   steps.CodeServer,
	Detail: "too many events are waiting to be judged: send it again a little later",
}

// errNeeds: the op cannot be judged before its needs are facts.
var errNeeds = errors.New("facts are lacking")

// failure turns what a store or a resolver says into the engine's one typed
// error.
func failure(err error) error {
	if err == nil {
		return nil
	}
	if typed, ok := errors.AsType[*steps.Error](err); ok {
		return typed
	}
	code, detail := steps.CodeUnknown, ""
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		code = steps.CodeTimeout
	case errors.Is(err, store.ErrUnavailable):
		code, detail = steps.CodeServer, "the store cannot serve now: send it again later"
	case errors.Is(err, store.ErrClosed):
		code, detail = steps.CodeServer, "the service is stopping: send it again"
	}
	return &steps.Error{Code: code, Detail: detail, Err: err}
}

// resolverFailure is failure for what the embedding service's own resolver
// says: that it cannot serve, where it says nothing better.
func resolverFailure(err error) error {
	if typed, ok := errors.AsType[*steps.Error](failure(err)); ok && typed.Code == steps.CodeUnknown {
		return &steps.Error{Code: steps.CodeServer, Detail: "associations cannot be looked up now: send it again later", Err: err}
	}
	return failure(err)
}

// checkerFailure is failure for what a checker or an eligibility check says: the
// steps tell which.
func checkerFailure(err error, names ...string) error {
	failed := &steps.Error{Code: steps.CodeServer, Detail: "what is proven cannot be checked now: send it again later", Steps: names, Err: err}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		failed.Code, failed.Detail = steps.CodeTimeout, "what is proven could not be checked in time: send it again later"
	}
	return failed
}

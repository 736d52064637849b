package handler

import (
	"errors"
	"fmt"

	"github.com/stepgate/stepgate/engine/internal/strictjson"
	"github.com/stepgate/stepgate/steps"
)

// fault says that a parameter is not what it must be, or that the text around
// it is no JSON. Nil stays nil, and so does an error that says its parameter.
func fault(parameter, must string, err error) error {
	if _, said := errors.AsType[*steps.Error](err); said {
		return err
	}
	switch {
	case errors.Is(err, strictjson.ErrType):
		return steps.Invalid(parameter, "it is "+must)
	case err != nil:
		return steps.Invalid(whole, err.Error())
	}
	return nil
}

// batchFault says that a text is no batch.
func batchFault(err error) error {
	if errors.Is(err, strictjson.ErrType) {
		return steps.Invalid("events", "it is a JSON array of events")
	}
	return steps.Invalid("events", err.Error())
}

// whole names an event itself, where no member of it is at fault.
const whole = "event"

// inBatch says at which place of a batch an event is faulty.
func inBatch(place int, err error) error {
	typed, ok := errors.AsType[*steps.Error](err)
	if !ok {
		return err
	}
	at := *typed
	at.Parameter = fmt.Sprintf("events[%d]", place)
	if typed.Parameter != whole {
		at.Parameter += "." + typed.Parameter
	}
	return &at
}

func tooLarge(parameter string) error {
	return steps.Invalid(parameter, fmt.Sprintf("it is larger than %d bytes", MaxBytes))
}

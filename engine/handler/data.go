package handler

import (
	"fmt"

	"github.com/stepgate/stepgate/engine/internal/strictjson"
	"github.com/stepgate/stepgate/steps"
)

// readData reads the next value as an event's data.
func readData(in *strictjson.Reader, ev *steps.Event) error {
	if in.Null() {
		return nil
	}
	var step string
	err := in.Object(func(name []byte) (err error) {
		switch string(name) {
		case "step":
			step, err = in.Text()
			return fault("step", "a text", err)
		case "steps":
			ev.Steps, err = readSteps(in)
			return err
		case "epoch":
			ev.Epoch, err = in.Uint32()
			return fault("epoch", wholeNumber, err)
		case "plan":
			ev.Plan, err = readPlan(in)
			return err
		case "actor":
			ev.Actor, err = in.Text()
			return fault("actor", "a text", err)
		case "reason":
			ev.Reason, err = in.Text()
			return fault("reason", "a text", err)
		}
		return steps.Invalid("data", fmt.Sprintf(
			"it has no member %q, but step or steps, epoch, plan, actor and reason; what is yours belongs into an extension attribute", shortened(name)))
	})
	if err != nil {
		return fault("data", "a JSON object", err)
	}
	return setSteps(ev, step)
}

// wholeNumber is what an epoch and a version must be.
const wholeNumber = "a whole number below 2^32, written in digits"

// readPlan reads a version of a plan; zero is absent, and so not to be said.
func readPlan(in *strictjson.Reader) (uint32, error) {
	version, err := in.Uint32()
	switch {
	case err != nil:
		return 0, fault("plan", wholeNumber, err)
	case version == nil:
		return 0, nil
	case *version == 0:
		return 0, steps.Invalid("plan", "a version is 1 or more")
	}
	return *version, nil
}

// setSteps makes one list of the two ways to say which steps.
func setSteps(ev *steps.Event, step string) error {
	switch {
	case step == "":
		return nil
	case ev.Steps != nil:
		return steps.Invalid("steps", "the data has step or steps, not both")
	}
	ev.Steps = []string{step}
	return nil
}

func readSteps(in *strictjson.Reader) ([]string, error) {
	if in.Null() {
		return nil, nil
	}
	if err := in.Begin('['); err != nil {
		return nil, fault("steps", "an array of texts", err)
	}
	names := []string{}
	for {
		more, err := in.More()
		if err != nil {
			return nil, fault(whole, "", err)
		}
		if !more {
			return names, nil
		}
		name, err := in.Text()
		if err != nil {
			return nil, fault("steps", "an array of texts", err)
		}
		if name == "" {
			return nil, steps.Invalid("steps", "a step has a name")
		}
		names = append(names, name)
	}
}

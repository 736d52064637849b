package engine

import "github.com/stepgate/stepgate/steps"

// rights says what a caller needs to tell an event of a kind: one of them. A
// device, which may only ask, can tell a completion of its own, and is not
// believed without a checker (contract, section 3, Honest).
var rights = map[steps.Kind]steps.Rights{
	steps.Completed: steps.Report | steps.Ask, // a device its own, which a checker must confirm
	steps.Failed:    steps.Report,
	steps.Reset:     steps.Report | steps.Operate,
	steps.Cancelled: steps.Operate,

	steps.Overridden: steps.Operate,
	steps.Revoked:    steps.Operate,
	steps.Unlocked:   steps.Operate,
	steps.Moved:      steps.Operate,
}

// admit returns why an event of this caller is not judged at all.
func admit(caller *steps.Caller, ev *steps.Event) error {
	if ev.Kind.EventType() != "" {
		if err := permit(caller, rights[ev.Kind]); err != nil {
			return err
		}
	}
	return ev.Validate()
}

var errForbidden = &steps.Error{Code: steps.CodeForbidden, Detail: "the caller has not the right for this call"}

// permit returns nil where the caller is fit for the records and has one of
// some rights.
func permit(caller *steps.Caller, oneOf steps.Rights) error {
	if caller.Rights&oneOf == 0 {
		return errForbidden
	}
	if err := steps.CheckText("user", caller.User, steps.MaxText); err != nil {
		return err
	}
	if err := steps.CheckText("device", caller.Device, steps.MaxText); err != nil {
		return err
	}
	return steps.CheckText("channel", caller.Channel, steps.MaxName)
}

// permitDevice returns nil where the caller may ask for activations of its own.
func permitDevice(caller *steps.Caller) error {
	if err := permit(caller, steps.Ask); err != nil {
		return err
	}
	switch {
	case caller.User == "":
		return &steps.Error{Code: steps.CodeNoToken, Detail: "the call names no user"}
	case caller.Device == "":
		return &steps.Error{Code: steps.CodeNoDevice, Detail: "the call names no device"}
	}
	return nil
}

// checkID returns ErrInvalid where no activation can have the ID.
func checkID(id steps.ID) error {
	if id == 0 || id > steps.MaxID {
		return steps.Invalid("stepsID", "a stepsID lies between 1 and 2^53-1")
	}
	return nil
}

package steps

// advice is what each code means, and what to do about it.
var advice = map[Code]string{
	CodeUnknown:   "Something that nobody expected happened. The log has the detail under the transactionId. Send the call again; where it stays, tell whoever runs the service.",
	CodeMissing:   "The call lacks a parameter that it needs: the label names it. Add it.",
	CodeInvalid:   "A parameter cannot mean anything: the label names it, and the native API says why. Mend it; sending the same call again does not help.",
	CodeTimeout:   "The store or a checker did not answer in time. The change may have been made: send the same call again, an event with the same id.",
	CodeServer:    "The store or a checker cannot serve now, or too many calls wait. Send the same call again a little later; subCode names the steps whose checkers failed.",
	CodeNoToken:   "It is not known who calls. Send a valid token.",
	CodeForbidden: "The token is valid, and has not the right for this call. Use one that has it: ask, report or operate.",
	CodeBlocked:   "Too many attempts at a step failed, and no reset gives them back. Wait until retryAt of the native API, or let an operator unlock it (stepgate.activation.unlocked.v1).",
	CodeNoDevice:  "The device is unknown, or an operator revoked it. Ask for the list with resetSteps true, and take the steps again.",
	CodeRefused:   "The call does not go with the present state: the activation was cancelled or took too long, or the vehicle is not eligible. Ask for the list with resetSteps true; where that is refused too, the detail of the native API says why.",
	CodeNotFound:  "There is no such stepsID for this user on this device. Ask for the list with the carAssociationID first: a stepsID is never shared between devices.",
}

// Advice returns what a code means and what to do about it, or "" for none of
// the codes.
func (c Code) Advice() string { return advice[c] }

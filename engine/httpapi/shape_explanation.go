package httpapi

import (
	"time"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
)

// Explanation says where an activation stands and what can move it on.
type Explanation struct {
	StepsID  steps.ID    `json:"stepsID"`
	State    steps.State `json:"state"`
	Since    time.Time   `json:"since" doc:"When the state was entered"`
	Until    time.Time   `json:"until,omitzero" doc:"When it changes by itself; absent: never"`
	Blocks   string      `json:"blocks,omitempty" doc:"What blocks it, in a sentence; absent: nothing does"`
	Unblocks []Remedy    `json:"unblocks" nullable:"false" doc:"Events, any of which moves it on"`
	Who      engine.Who  `json:"who" enum:"nobody,user,device,operator" doc:"Who must act"`
	RetryAt  time.Time   `json:"retryAt,omitzero" doc:"The earliest time to try again; absent: now, or an operator must act first"`
}

// Remedy is an event that moves an activation on.
type Remedy struct {
	Type string `json:"type" doc:"Of the event"`
	Step string `json:"step,omitempty" doc:"That it names"`
}

// NewExplanation returns the shape of an explanation.
func NewExplanation(x engine.Explanation) Explanation {
	shape := Explanation{
		StepsID: x.StepsID, State: x.State, Since: x.Since, Until: x.Until, Blocks: x.Blocks,
		Unblocks: make([]Remedy, len(x.Unblocks)), Who: x.Who, RetryAt: x.RetryAt,
	}
	for i, remedy := range x.Unblocks {
		shape.Unblocks[i] = Remedy(remedy)
	}
	return shape
}

// Code is an error code of both APIs.
type Code struct {
	Code   steps.Code `json:"code"`
	Label  string     `json:"label" doc:"The place for a parameter's name in brackets"`
	Advice string     `json:"advice" doc:"What it means, and what to do about it"`
}

// NewCode returns the shape of a code.
func NewCode(c steps.Code) Code { return Code{c, c.Label(), c.Advice()} }

// Codes are all the codes, in ascending order.
type Codes struct {
	Codes []Code `json:"codes" nullable:"false"`
}

// NewCodes returns the shape of all the codes.
func NewCodes() Codes {
	var all Codes
	for _, c := range steps.Codes() {
		all.Codes = append(all.Codes, NewCode(c))
	}
	return all
}

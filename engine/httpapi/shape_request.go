package httpapi

import "github.com/stepgate/stepgate/steps"

// ActivationRequest is the body of POST /v1/activations: one of its first three
// members is set.
type ActivationRequest struct {
	CarAssociationID string   `json:"carAssociationID,omitempty"`
	VIN              string   `json:"vin,omitempty"`
	StepsID          steps.ID `json:"stepsID,omitempty" doc:"As a number or a text"`
	ResetSteps       bool     `json:"resetSteps,omitempty" doc:"Begin again"`
	Step             string   `json:"step,omitempty" doc:"With resetSteps: this step alone, by name or alias"`
}

// AssociationRequest is the body of PUT /v1/associations/{id}.
type AssociationRequest struct {
	User    string `json:"user"`
	Service string `json:"service"`
	VIN     string `json:"vin"`
}

// ErasureRequest is the body of POST /v1/erasures.
type ErasureRequest struct {
	User   string `json:"user" doc:"Whose data is to be erased"`
	Actor  string `json:"actor" doc:"Who erases it"`
	Reason string `json:"reason" doc:"Why"`
}

// CloudEvent is an event in structured mode, for the description: package
// handler reads it.
type CloudEvent struct {
	SpecVersion string         `json:"specversion" enum:"1.0"`
	ID          string         `json:"id" doc:"Together with the source the event's identity"`
	Source      string         `json:"source"`
	Type        string         `json:"type"`
	Subject     string         `json:"subject" doc:"The stepsID"`
	Time        string         `json:"time,omitempty" format:"date-time"`
	Data        CloudEventData `json:"data,omitempty"`
}

// CloudEventData is the data of an event.
type CloudEventData struct {
	Step   string   `json:"step,omitempty" doc:"Or steps"`
	Steps  []string `json:"steps,omitempty" doc:"Consecutive steps, in their order"`
	Epoch  *uint32  `json:"epoch,omitempty" doc:"The epoch that it was told in"`
	Plan   uint32   `json:"plan,omitempty" doc:"moved: the version to follow"`
	Actor  string   `json:"actor,omitempty" doc:"Who did it; an operator's act needs one"`
	Reason string   `json:"reason,omitempty" doc:"Why; an operator's act needs one"`
}

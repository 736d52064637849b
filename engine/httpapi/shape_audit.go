package httpapi

import (
	"encoding/hex"
	"time"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
)

// Receipt says what an erasure took away.
type Receipt struct {
	At          time.Time          `json:"at"`
	Activations []ErasedActivation `json:"activations" nullable:"false" doc:"In the order of their stepsIDs"`
}

// ErasedActivation is what stays of an activation: the head of a history that
// still verifies.
type ErasedActivation struct {
	StepsID  steps.ID `json:"stepsID"`
	Revision uint32   `json:"revision" doc:"Of the entry that tells of the erasure"`
	Hash     string   `json:"hash" doc:"Of that entry, in hex"`
}

// NewReceipt returns the shape of a receipt.
func NewReceipt(r engine.Receipt) Receipt {
	shape := Receipt{At: r.At, Activations: make([]ErasedActivation, len(r.Activations))}
	for i, a := range r.Activations {
		shape.Activations[i] = ErasedActivation{a.StepsID, a.Revision, hex.EncodeToString(a.Hash[:])}
	}
	return shape
}

// Verification is what a verification found on its way.
type Verification struct {
	Activations int      `json:"activations" doc:"So many were verified"`
	Entries     int      `json:"entries"`
	Faults      []Fault  `json:"faults" nullable:"false"`
	Next        steps.ID `json:"next,omitempty" doc:"What after is to be next; absent: that was all"`
}

// Fault is what is wrong with a stored activation.
type Fault struct {
	StepsID  steps.ID `json:"stepsID"`
	Revision uint32   `json:"revision,omitempty" doc:"Of the history entry, where it is one that is wrong"`
	What     string   `json:"what"`
}

// NewVerification returns the shape of a verification.
func NewVerification(v engine.Verification) Verification {
	shape := Verification{Activations: v.Activations, Entries: v.Entries, Faults: make([]Fault, len(v.Faults)), Next: v.Next}
	for i, fault := range v.Faults {
		shape.Faults[i] = Fault(fault)
	}
	return shape
}

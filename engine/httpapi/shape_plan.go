package httpapi

import (
	"time"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
)

// Plans are the plans that the engine judges by.
type Plans struct {
	Plans []Plan `json:"plans" nullable:"false"`
}

// Plan is the ordered steps that a service requires. Durations are texts:
// "720h0m0s".
type Plan struct {
	Service  string     `json:"service"`
	Version  uint32     `json:"version"`
	Steps    []PlanStep `json:"steps" nullable:"false"`
	Hold     Hold       `json:"hold,omitzero" doc:"Completions that come early; absent: they are refused"`
	Deadline string     `json:"deadline,omitempty" doc:"How long an activation may take; absent: without end"`
	TakeOver bool       `json:"takeOver,omitempty" doc:"Activations of older versions move to this one when it is applied"`
}

// PlanStep is one security check of a plan.
type PlanStep struct {
	Name    string   `json:"name"`
	Scope   string   `json:"scope" enum:"activation,user,userDevice,userVehicle" doc:"For whom it is proven"`
	Aliases []string `json:"aliases,omitempty" nullable:"false" doc:"Other names taken on input"`
	TTL     string   `json:"ttl,omitempty" doc:"How long a proof counts; absent: without end"`
	Budget  Budget   `json:"budget,omitzero" doc:"How many attempts may fail; absent: nobody counts"`
	Checker string   `json:"checker,omitempty" doc:"Who knows whether it is proven"`
	Confirm bool     `json:"confirm,omitempty" doc:"A completion counts only where the checker confirms it"`
}

// Budget is how many attempts at a step may fail for one subject.
type Budget struct {
	Tries    int    `json:"tries,omitempty" doc:"So many failures within the window spend it; absent: any number"`
	Window   string `json:"window,omitempty"`
	Lockout  string `json:"lockout,omitempty" doc:"How long it is spent"`
	Lifetime int    `json:"lifetime,omitempty" doc:"So many failures ever spend it until an operator unlocks it; absent: any number"`
}

// Hold says how many completions wait for their turn, and how long.
type Hold struct {
	Limit int    `json:"limit"`
	TTL   string `json:"ttl"`
}

// NewPlans returns the shape of a catalog.
func NewPlans(catalog steps.Catalog) Plans {
	shape := Plans{Plans: make([]Plan, len(catalog.Plans()))}
	for i, p := range catalog.Plans() {
		plan := Plan{
			Service: p.Service, Version: p.Version, Steps: make([]PlanStep, len(p.Steps)),
			Hold: Hold{p.Hold.Limit, durationText(p.Hold.TTL)}, Deadline: durationText(p.Deadline), TakeOver: p.TakeOver,
		}
		for j := range p.Steps {
			plan.Steps[j] = newPlanStep(&p.Steps[j])
		}
		shape.Plans[i] = plan
	}
	return shape
}

func newPlanStep(s *steps.Step) PlanStep {
	return PlanStep{
		Name: s.Name, Scope: s.Scope.String(), Aliases: s.Aliases, TTL: durationText(s.TTL),
		Budget: Budget{
			Tries: s.Budget.Tries, Window: durationText(s.Budget.Window),
			Lockout: durationText(s.Budget.Lockout), Lifetime: s.Budget.Lifetime,
		},
		Checker: s.Checker, Confirm: s.Confirm,
	}
}

// durationText returns a duration as package time reads it, "" for none.
func durationText(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// Preview says what other plans mean for activations.
type Preview struct {
	Moves []Move   `json:"moves" nullable:"false" doc:"One an activation, in the order of their stepsIDs"`
	Next  steps.ID `json:"next,omitempty" doc:"What after is to be next; absent: that was all"`
}

// Move is what other plans mean for one activation.
type Move struct {
	StepsID steps.ID      `json:"stepsID"`
	Service string        `json:"service"`
	Effect  engine.Effect `json:"effect" enum:"kept,moved,relocked,stranded"`
	From    uint32        `json:"from" doc:"Version of the plan"`
	To      uint32        `json:"to"`
	Before  steps.State   `json:"before"`
	After   steps.State   `json:"after"`
}

// NewPreview returns the shape of a preview that goes on after next.
func NewPreview(moves []engine.Move, next steps.ID) Preview {
	shape := Preview{Moves: make([]Move, len(moves)), Next: next}
	for i, move := range moves {
		shape.Moves[i] = Move(move)
	}
	return shape
}

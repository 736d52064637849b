package httpapi

import (
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Activation is an activation as the native API shows it. Times are UTC, to the
// millisecond. One that is erased has neither binding nor vehicle, and no steps.
type Activation struct {
	StepsID          steps.ID    `json:"stepsID" doc:"Names the activation; below 2^53"`
	CarAssociationID string      `json:"carAssociationID"`
	User             string      `json:"user"`
	Device           string      `json:"device"`
	Service          string      `json:"service"`
	VIN              string      `json:"vin"`
	Plan             uint32      `json:"plan" doc:"Version of the service's plan"`
	State            steps.State `json:"state" doc:"The first step still to do, or activated, cancelled, expired or erased"`
	Since            time.Time   `json:"since" doc:"When the state was entered"`
	Epoch            uint32      `json:"epoch" doc:"How often it was reset"`
	Revision         uint32      `json:"revision" doc:"Of the newest entry of its history"`
	Created          time.Time   `json:"created"`
	Deadline         time.Time   `json:"deadline,omitzero" doc:"Until when it is to be activated; absent: without end"`
	Steps            []Step      `json:"steps" nullable:"false" doc:"In their order, those that were asked for"`
	Held             []Held      `json:"held,omitempty" nullable:"false" doc:"Completions that wait for their turn, in the order in which they came"`
}

// Step is a step of an activation.
type Step struct {
	Name     string       `json:"name"`
	Status   steps.Status `json:"status" enum:"todo,alreadyDone"`
	Order    int          `json:"order" doc:"Place in this list, from 1"`
	ProvenAt time.Time    `json:"provenAt,omitzero" doc:"When it was proven, where it is done"`
	Until    time.Time    `json:"until,omitzero" doc:"How long the proof counts; absent: without end"`
	Revoked  bool         `json:"revoked,omitempty" doc:"An operator took the proof away"`
	Origin   Origin       `json:"origin,omitzero" doc:"What proved it; where one activation is asked for"`
}

// Origin says where a step was proven.
type Origin struct {
	StepsID steps.ID  `json:"stepsID" doc:"Through which activation"`
	Source  string    `json:"source,omitempty" doc:"Of the event that proved it; absent where no event did"`
	ID      string    `json:"id,omitempty"`
	At      time.Time `json:"at"`
}

// Held is a completion that waits for its turn.
type Held struct {
	Revision uint32    `json:"revision" doc:"Of the history entry that holds it"`
	Steps    []string  `json:"steps" nullable:"false"`
	Until    time.Time `json:"until" doc:"When it is dropped"`
}

// NewActivation returns the shape of an activation and those of its steps that
// the list holds.
func NewActivation(list steps.List) Activation {
	a := Activation{
		StepsID: list.StepsID, CarAssociationID: list.Association, User: list.User, Device: list.Device,
		Service: list.Service, VIN: list.VIN, Plan: list.Plan,
		State: list.State, Since: list.Since, Epoch: list.Epoch, Revision: list.Revision, Created: list.Created,
		Deadline: list.Deadline, Steps: make([]Step, len(list.Items)),
	}
	for i := range list.Items {
		a.Steps[i] = newStep(&list.Items[i])
	}
	if len(list.Held) > 0 {
		a.Held = make([]Held, len(list.Held))
	}
	for i, h := range list.Held {
		a.Held[i] = Held(h)
	}
	return a
}

func newStep(item *steps.Item) Step {
	step := Step{
		Name: item.Name, Status: item.Status, Order: item.Order,
		Revoked: item.Proof.Revoked, Origin: newOrigin(item.Origin),
	}
	if item.Status == steps.AlreadyDone {
		step.ProvenAt, step.Until = item.Proof.At, item.Proof.Until
	}
	return step
}

func newOrigin(o steps.Origin) Origin {
	return Origin{StepsID: o.StepsID, Source: o.Event.Source, ID: o.Event.ID, At: o.At}
}

// ActivationPage is a page of activations, in the order of their stepsIDs.
type ActivationPage struct {
	Activations []Activation `json:"activations" nullable:"false"`
	Next        string       `json:"next,omitempty" doc:"The cursor of the next page; absent on the last one"`
}

// NewActivationPage returns the shape of what a list of at most limit found;
// limit zero is store.DefaultLimit. Steps are shown where plans has the plan.
func NewActivationPage(found []steps.Activation, limit int, plans steps.Catalog) ActivationPage {
	page := ActivationPage{Activations: make([]Activation, len(found))}
	for i, a := range found {
		list := steps.List{Activation: a}
		if plan, ok := plans.Plan(a.Service, a.Plan); ok && len(plan.Steps) == len(a.Proofs) {
			list.Items = plan.Items(&a, steps.FilterAll)
		}
		page.Activations[i] = NewActivation(list)
	}
	if limit == 0 {
		limit = store.DefaultLimit
	}
	if len(found) == limit {
		page.Next = found[limit-1].StepsID.String()
	}
	return page
}

// Association says what a carAssociationID means.
type Association struct {
	CarAssociationID string `json:"carAssociationID"`
	User             string `json:"user"`
	Service          string `json:"service"`
	VIN              string `json:"vin"`
}

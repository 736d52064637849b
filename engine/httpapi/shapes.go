package httpapi

import (
	"encoding/hex"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Activation is an activation as the native API shows it. Times are UTC, to the
// millisecond.
type Activation struct {
	StepsID          steps.ID    `json:"stepsID" doc:"Names the activation; below 2^53"`
	CarAssociationID string      `json:"carAssociationID"`
	User             string      `json:"user"`
	Device           string      `json:"device"`
	Service          string      `json:"service"`
	VIN              string      `json:"vin"`
	Plan             uint32      `json:"plan" doc:"Version of the service's plan"`
	State            steps.State `json:"state" doc:"The first step still to do, or activated, or cancelled"`
	Since            time.Time   `json:"since" doc:"When the state was entered"`
	Epoch            uint32      `json:"epoch" doc:"How often it was reset"`
	Revision         uint32      `json:"revision" doc:"Of the newest entry of its history"`
	Created          time.Time   `json:"created"`
	Steps            []Step      `json:"steps" nullable:"false" doc:"In their order, those that were asked for"`
}

// Step is a step of an activation.
type Step struct {
	Name     string       `json:"name"`
	Status   steps.Status `json:"status" enum:"todo,alreadyDone"`
	Order    int          `json:"order" doc:"Place in this list, from 1"`
	ProvenAt *time.Time   `json:"provenAt,omitempty" doc:"When it was proven, where it is done"`
}

// NewActivation returns the shape of an activation and those of its steps that
// the list holds.
func NewActivation(list steps.List) Activation {
	a := Activation{
		StepsID: list.StepsID, CarAssociationID: list.Association, User: list.User, Device: list.Device,
		Service: list.Service, VIN: list.VIN, Plan: list.Plan,
		State: list.State, Since: list.Since, Epoch: list.Epoch, Revision: list.Revision, Created: list.Created,
		Steps: make([]Step, len(list.Items)),
	}
	proof := 0 // the steps that are done stand in the order of their proofs, whatever the filter
	for i, item := range list.Items {
		a.Steps[i] = Step{Name: item.Name, Status: item.Status, Order: item.Order}
		if item.Status != steps.AlreadyDone {
			continue
		}
		for !list.Proofs[proof].Done() {
			proof++
		}
		a.Steps[i].ProvenAt = &list.Proofs[proof].At
		proof++
	}
	return a
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

// Entry is a line of an activation's history.
type Entry struct {
	Revision     uint32        `json:"revision"`
	At           time.Time     `json:"at" doc:"When it was judged"`
	Kind         string        `json:"kind" enum:"created,completed,failed,reset,cancelled"`
	Source       string        `json:"source,omitempty" doc:"Of the event; absent where a call brought it"`
	ID           string        `json:"id,omitempty"`
	Steps        []string      `json:"steps,omitempty"`
	ClaimedEpoch *uint32       `json:"claimedEpoch,omitempty" doc:"The epoch that the event said it was told in"`
	Told         *time.Time    `json:"told,omitempty" doc:"When the event said it happened"`
	Actor        string        `json:"actor,omitempty" doc:"Who did it, as the event says"`
	Caller       string        `json:"caller,omitempty" doc:"The user that brought it"`
	Channel      string        `json:"channel,omitempty" doc:"How it came: pims, v1, cli"`
	Comment      string        `json:"comment,omitempty" doc:"The reason that the actor gave"`
	Outcome      steps.Outcome `json:"outcome" enum:"applied,held,refused"`
	Reason       steps.Refusal `json:"reason,omitempty"`
	Before       steps.State   `json:"before,omitempty"`
	After        steps.State   `json:"after"`
	Epoch        uint32        `json:"epoch" doc:"After it"`
	Hash         string        `json:"hash" doc:"Over this entry and the hash of the one before, in hex"`
}

// NewEntry returns the shape of an entry.
func NewEntry(e *steps.Entry) Entry {
	shape := Entry{
		Revision: e.Revision, At: e.At, Kind: e.Kind.String(), Source: e.Event.Source, ID: e.Event.ID,
		Steps: e.Steps, ClaimedEpoch: e.Claimed, Actor: e.Actor, Caller: e.Caller, Channel: e.Channel,
		Comment: e.Comment, Outcome: e.Outcome, Reason: e.Reason, Before: e.Before, After: e.After,
		Epoch: e.Epoch, Hash: hex.EncodeToString(e.Hash[:]),
	}
	if !e.Told.IsZero() {
		shape.Told = &e.Told
	}
	return shape
}

// HistoryPage is the history of an activation, oldest entry first.
type HistoryPage struct {
	StepsID steps.ID `json:"stepsID"`
	Entries []Entry  `json:"entries" nullable:"false"`
}

// NewHistoryPage returns the shape of a history.
func NewHistoryPage(id steps.ID, entries []steps.Entry) HistoryPage {
	page := HistoryPage{StepsID: id, Entries: make([]Entry, len(entries))}
	for i := range entries {
		page.Entries[i] = NewEntry(&entries[i])
	}
	return page
}

// Verdicts are the answers to events, in their order.
type Verdicts struct {
	Verdicts []steps.Verdict `json:"verdicts" nullable:"false"`
}

// Association says what a carAssociationID means.
type Association struct {
	CarAssociationID string `json:"carAssociationID"`
	User             string `json:"user"`
	Service          string `json:"service"`
	VIN              string `json:"vin"`
}

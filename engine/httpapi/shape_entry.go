package httpapi

import (
	"encoding/hex"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// Entry is a line of an activation's history. Where it is erased its digest
// stands for what told of persons.
type Entry struct {
	Revision     uint32        `json:"revision"`
	At           time.Time     `json:"at" doc:"When it was judged"`
	Kind         string        `json:"kind"`
	Source       string        `json:"source,omitempty" doc:"Of the event; absent where a call brought it"`
	ID           string        `json:"id,omitempty"`
	Steps        []string      `json:"steps,omitempty" nullable:"false"`
	ClaimedEpoch *uint32       `json:"claimedEpoch,omitempty" doc:"The epoch that the event said it was told in"`
	Told         time.Time     `json:"told,omitzero" doc:"When the event said it happened"`
	Plan         uint32        `json:"plan,omitempty" doc:"created, moved: the version of the plan from then on"`
	Of           uint32        `json:"of,omitempty" doc:"absorbed, dropped: the revision of the entry that holds the completion"`
	Until        time.Time     `json:"until,omitzero" doc:"How long the completion is held, the budget is spent, or the proof counts"`
	Origin       Origin        `json:"origin,omitzero" doc:"inherited: where the step was proven"`
	Actor        string        `json:"actor,omitempty" doc:"Who did it, as the event says"`
	Caller       string        `json:"caller,omitempty" doc:"The user that brought it"`
	Channel      string        `json:"channel,omitempty" doc:"How it came: pims, v1, cli"`
	Comment      string        `json:"comment,omitempty" doc:"The reason that the actor gave"`
	Outcome      steps.Outcome `json:"outcome" enum:"applied,held,refused"`
	Reason       steps.Refusal `json:"reason,omitempty" doc:"Why it was refused, or dropped"`
	Before       steps.State   `json:"before,omitempty"`
	After        steps.State   `json:"after"`
	Epoch        uint32        `json:"epoch" doc:"After it"`
	Digest       string        `json:"digest,omitempty" doc:"Of what was erased, in hex"`
	Hash         string        `json:"hash" doc:"Over this entry and the hash of the one before, in hex"`
}

// NewEntry returns the shape of an entry.
func NewEntry(e *steps.Entry) Entry {
	shape := Entry{
		Revision: e.Revision, At: e.At, Kind: e.Kind.String(), Source: e.Event.Source, ID: e.Event.ID,
		Steps: e.Steps, ClaimedEpoch: e.Claimed, Told: e.Told, Plan: e.Plan, Of: e.Of, Until: e.Until,
		Origin: newOrigin(e.Origin), Actor: e.Actor, Caller: e.Caller, Channel: e.Channel,
		Comment: e.Comment, Outcome: e.Outcome, Reason: e.Reason, Before: e.Before, After: e.After,
		Epoch: e.Epoch, Hash: hex.EncodeToString(e.Hash[:]),
	}
	if e.Digest != (steps.Hash{}) {
		shape.Digest = hex.EncodeToString(e.Digest[:])
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

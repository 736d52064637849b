package main

import (
	"context"
	"fmt"
	"io"

	"github.com/schollz/progressbar/v3"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/client"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/engine/planfile"
	"github.com/stepgate/stepgate/steps"
)

// mover moves activations to the newest versions of a plan file.
type mover struct {
	client        client.Client
	file          planfile.File
	actor, reason string
	bar           *progressbar.ProgressBar

	moved int
}

// planSource is the source of the events that applied plans are. An activation
// takes each version of a plan once, however often they are applied.
const planSource = "stepgate/plan"

// move moves all that are to be moved.
func (m *mover) move(ctx context.Context) error {
	unclear := false
	var failed error // of the last event that has no verdict
	err := eachMove(ctx, m.client, m.file, io.Discard, func(page []httpapi.Move) error {
		events := m.events(page)
		results, err := m.client.Send(ctx, events)
		if err != nil {
			return err
		}
		for _, r := range results {
			switch {
			case r.Err != nil:
				failed, unclear = r.Err, true
			case r.Verdict.Outcome == steps.Applied && !r.Verdict.Duplicate:
				m.moved++
			default:
				unclear = true
			}
		}
		_ = m.bar.Set(m.moved)
		return nil
	})
	if err == nil && unclear {
		err = m.left(ctx, failed)
	}
	return err
}

func (m *mover) events(page []httpapi.Move) []steps.Event {
	events := make([]steps.Event, 0, len(page))
	for _, move := range page {
		if moves(move.Effect) {
			events = append(events, steps.Event{
				Key:  steps.EventID(planSource, fmt.Sprintf("%s/%d", move.Service, move.To)),
				Kind: steps.Moved, StepsID: move.StepsID, Plan: move.To, Actor: m.actor, Reason: m.reason,
			})
		}
	}
	return events
}

// left returns an error where activations are still to be moved: since some
// events failed, or since they were judged before.
func (m *mover) left(ctx context.Context, failed error) error {
	effects, err := preview(ctx, m.client, m.file, io.Discard)
	n := effects.moving()
	switch {
	case err != nil || n == 0:
		return err
	case failed != nil:
		return fmt.Errorf("%s not moved: %w", count(n, "activation"), failed)
	}
	return fail(exitRefused, "move them by events with ids of your own, of the type "+steps.Moved.EventType(),
		"%s not moved: what moves it was judged before, and refused or undone since", count(n, "activation"))
}

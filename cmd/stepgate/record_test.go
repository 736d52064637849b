package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/client"
	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
)

// record is what servers acknowledged to those that called them.
type record struct {
	workers sync.WaitGroup
	drawn   atomic.Int64 // associations

	mu          sync.Mutex
	activations []steps.ID
	vehicles    map[string]steps.ID // which an association was put for, and its activation
	verdicts    []steps.Verdict
	events      map[steps.EventKey]steps.Event
	unanswered  []steps.Event
}

func newRecord() *record {
	return &record{vehicles: make(map[string]steps.ID), events: make(map[steps.EventKey]steps.Event)}
}

// recordWorkers is how many call at once.
const recordWorkers = 8

// loadUntil has workers call a server, and returns when it acknowledged n more
// verdicts. They go on until it no longer answers.
func (r *record) loadUntil(t *testing.T, s *server, n int) {
	t.Helper()
	reached := make(chan struct{})
	var acknowledged atomic.Int64
	for range recordWorkers {
		r.workers.Go(func() {
			for r.walk(s, func() {
				if acknowledged.Add(1) == int64(n) {
					close(reached)
				}
			}) {
			}
		})
	}
	select {
	case <-reached:
	case <-time.After(patience):
		require.FailNow(t, "the server does not answer", "%d verdicts of %d", acknowledged.Load(), n)
	}
}

// walk puts an association, creates its activation and completes the steps, as
// long as it is answered. It reports whether it was.
func (r *record) walk(s *server, acknowledged func()) bool {
	ctx := context.Background()
	n := r.drawn.Add(1)
	association, vin := fmt.Sprint("a-", n), fmt.Sprint("VF", n)
	if s.putAssociation(association, vin) != nil {
		return false
	}
	a, err := s.client.Steps(ctx, engine.StepsRequest{CarAssociationID: association})
	if err != nil {
		return false
	}
	r.mu.Lock()
	r.activations = append(r.activations, a.StepsID)
	r.vehicles[vin] = a.StepsID
	r.mu.Unlock()
	for _, step := range a.Steps {
		ev := steps.Completion(steps.EventID("crash", association+"/"+step.Name), a.StepsID, step.Name)
		results, err := s.client.Send(ctx, []steps.Event{ev})
		r.keep(ev, results, err)
		if err != nil {
			return false
		}
		acknowledged()
	}
	return true
}

// keep remembers an event and the verdict that it got, if it got one.
func (r *record) keep(ev steps.Event, results []engine.Result, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events[ev.Key] = ev
	if err != nil || results[0].Err != nil {
		r.unanswered = append(r.unanswered, ev)
		return
	}
	r.verdicts = append(r.verdicts, results[0].Verdict)
}

// losses returns what was acknowledged and is not there, or not whole. Events
// that were not answered are sent again, and have a verdict from then on.
func (r *record) losses(t *testing.T, s *server) []string {
	t.Helper()
	r.workers.Wait()
	lost := append(r.missingVerdicts(t, s.client), unsound(t, s.client)...)
	listed := r.listed(t, s.client)
	for _, id := range r.activations {
		if !listed[id] {
			lost = append(lost, fmt.Sprintf("activation %s is not listed", id))
		}
		if fault := r.faultOf(s.client, id); fault != "" {
			lost = append(lost, fmt.Sprintf("activation %s: %s", id, fault))
		}
	}
	for vin, id := range r.vehicles {
		if a, err := s.client.Steps(t.Context(), engine.StepsRequest{VIN: vin}); err != nil || a.StepsID != id {
			lost = append(lost, fmt.Sprintf("the association of vehicle %s: %v", vin, err))
		}
	}
	for _, ev := range r.unanswered {
		results, err := s.client.Send(t.Context(), []steps.Event{ev})
		require.NoError(t, err)
		require.NoError(t, results[0].Err)
		r.verdicts = append(r.verdicts, results[0].Verdict)
	}
	r.unanswered = nil
	return lost
}

// missingVerdicts sends every event again that has a verdict: it must be the
// same one.
func (r *record) missingVerdicts(t *testing.T, c client.Client) (lost []string) {
	t.Helper()
	again := make([]steps.Event, len(r.verdicts))
	for i, v := range r.verdicts {
		again[i] = r.events[steps.EventID(v.Source, v.ID)]
	}
	results, err := c.Send(t.Context(), again)
	require.NoError(t, err)
	for i, v := range r.verdicts {
		v.Duplicate = true
		if results[i].Err != nil || results[i].Verdict != v {
			lost = append(lost, fmt.Sprintf("verdict %+v became %+v", v, results[i]))
		}
	}
	return lost
}

// listed returns the activations that the server lists.
func (r *record) listed(t *testing.T, c client.Client) map[steps.ID]bool {
	t.Helper()
	found := make(map[steps.ID]bool)
	for q := (client.Query{Limit: 1000}); ; {
		page, err := c.List(t.Context(), q)
		require.NoError(t, err)
		for _, a := range page.Activations {
			found[a.StepsID] = true
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return found
		}
	}
}

// faultOf returns what is wrong with an activation and its history, or "".
func (r *record) faultOf(c client.Client, id steps.ID) string {
	a, err := c.Show(context.Background(), id)
	if err != nil {
		return err.Error()
	}
	h, err := c.History(context.Background(), id)
	if err != nil {
		return err.Error()
	}
	if len(h.Entries) != int(a.Revision) {
		return fmt.Sprintf("%d entries at revision %d", len(h.Entries), a.Revision)
	}
	seen := make(map[steps.EventKey]bool)
	for i, shown := range h.Entries {
		key := steps.EventID(shown.Source, shown.ID)
		switch {
		case int(shown.Revision) != i+1:
			return fmt.Sprintf("entry %d: %+v", i+1, shown)
		case seen[key] && key != steps.EventKey{}:
			return fmt.Sprintf("event %+v was judged twice", key)
		}
		seen[key] = true
	}
	return ""
}

// unsound returns what does not verify.
func unsound(t *testing.T, c client.Client) (faults []string) {
	t.Helper()
	for page := (client.Page{}); ; {
		v, err := c.Verify(t.Context(), page)
		require.NoError(t, err)
		for _, f := range v.Faults {
			faults = append(faults, fmt.Sprintf("activation %s, entry %d: %s", f.StepsID, f.Revision, f.What))
		}
		if page.After = v.Next; page.After == 0 {
			return faults
		}
	}
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/client"
	"github.com/stepgate/stepgate/steps"
)

// maxBatch is how many events are sent at once.
const maxBatch = 256

// sender sends events in batches and counts what becomes of them.
type sender struct {
	client client.Client
	in     *counter
	out    *json.Encoder
	err    io.Writer
	bar    *progressbar.ProgressBar
	began  time.Time

	batch  []reading // read and not yet sent
	broken error     // why reading broke off

	events, applied, held, refused, duplicates, failed int
}

func newSender(a *app, cl client.Client, in io.Reader, size int64) *sender {
	return &sender{
		client: cl, in: &counter{Reader: in}, out: json.NewEncoder(a.out), err: a.err,
		bar:   newBar(a.err, "sending", size, progressbar.OptionShowBytes(true)),
		began: time.Now(),
	}
}

// sendAll sends what there is, at once: it waits for more only when all that
// came has its verdict.
func (s *sender) sendAll(ctx context.Context) error {
	read := readAhead(s.in)
	for first := range read {
		s.gather(first, read)
		if err := s.send(ctx); err != nil {
			return err
		}
		if s.broken != nil {
			return fail(exitUsage, "send it again from the start: what was judged keeps its verdict", "%w", s.broken)
		}
	}
	return nil
}

// gather takes what was read already, up to a batch.
func (s *sender) gather(first reading, read <-chan reading) {
	for r := first; ; {
		s.take(r)
		if len(s.batch) == maxBatch {
			return
		}
		select {
		case next, more := <-read:
			if !more {
				return
			}
			r = next
		default:
			return
		}
	}
}

func (s *sender) take(r reading) {
	if r.last {
		s.broken = r.err
		return
	}
	s.events++
	if r.err != nil {
		s.fail(r.line, r.err)
		return
	}
	s.batch = append(s.batch, r)
}

// send sends the batch and prints its verdicts.
func (s *sender) send(ctx context.Context) error {
	batch := s.batch
	s.batch = s.batch[:0]
	events := make([]steps.Event, len(batch))
	for i, r := range batch {
		events[i] = r.event
	}
	results, err := s.client.Send(ctx, events)
	if err != nil {
		s.failed += len(batch)
		return err
	}
	for i, r := range results {
		if r.Err != nil {
			s.fail(batch[i].line, r.Err)
			continue
		}
		s.count(r.Verdict)
		if err := s.out.Encode(r.Verdict); err != nil {
			return err
		}
	}
	_ = s.bar.Set64(s.in.bytes.Load()) // what cannot be drawn is not seen
	return nil
}

// fail says what became of a line that has no verdict.
func (s *sender) fail(line int, err error) {
	s.failed++
	_ = s.bar.Clear()
	fmt.Fprintf(s.err, "stepgate: line %d: %s\n", line, explain(err))
}

func (s *sender) count(v steps.Verdict) {
	switch v.Outcome {
	case steps.Applied:
		s.applied++
	case steps.Held:
		s.held++
	case steps.Refused:
		s.refused++
	}
	if v.Duplicate {
		s.duplicates++
	}
}

// finish prints the summary.
func (s *sender) finish() {
	_ = s.bar.Finish()
	took := time.Since(s.began)
	fmt.Fprintf(s.err, "events: %d in %.1f s (%.0f/s): %d applied, %d held, %d refused, %d failed; duplicates: %d\n",
		s.events, took.Seconds(), float64(s.events)/took.Seconds(), s.applied, s.held, s.refused, s.failed, s.duplicates)
}

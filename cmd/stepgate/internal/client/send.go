package client

import (
	"context"
	"errors"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/handler"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/steps"
)

// Send sends events in requests as large as a server takes.
func (f *far) Send(ctx context.Context, events []steps.Event) ([]engine.Result, error) {
	results := make([]engine.Result, len(events))
	var space []byte
	for begin := 0; begin < len(events); {
		text, n, err := encode(space[:0], events[begin:])
		if err != nil {
			results[begin].Err = err
			begin++
			continue
		}
		if err := f.sendBatch(ctx, text, events[begin:begin+n], results[begin:begin+n]); err != nil {
			return nil, err
		}
		space = text
		begin += n
	}
	return results, nil
}

// encode appends the first n events as a batch, n at least 1: as many as a
// request may hold, up to one that cannot be sent. The error is the first
// one's.
func encode(b []byte, events []steps.Event) (text []byte, n int, err error) {
	b = append(b, '[')
	for i := range min(len(events), handler.MaxBatch) {
		end := len(b)
		if i > 0 {
			b = append(b, ',')
		}
		b, err = handler.Append(b, &events[i])
		if i == 0 && err != nil {
			return b, 0, err
		}
		if err != nil || i > 0 && len(b) >= handler.MaxBytes {
			return append(b[:end], ']'), i, nil
		}
		n = i + 1
	}
	return append(b, ']'), n, nil
}

// sendBatch sends events in one request. Where the server refuses some of
// them, those that have no verdict are sent again one by one, so that each has
// an error of its own.
func (f *far) sendBatch(ctx context.Context, text []byte, events []steps.Event, results []engine.Result) error {
	var told httpapi.Verdicts
	err := f.postText(ctx, "/v1/events", handler.Batch, text, &told)
	whole, isRefused := errors.AsType[*refused](err)
	if err != nil && !isRefused {
		return err
	}
	verdicts := told.Verdicts
	if isRefused {
		verdicts = whole.verdicts
	}
	for i := range events {
		ev := &events[i]
		switch {
		case len(verdicts) > 0 && verdicts[0].Source == ev.Key.Source && verdicts[0].ID == ev.Key.ID && verdicts[0].StepsID == ev.StepsID:
			results[i].Verdict, verdicts = verdicts[0], verdicts[1:]
		case !isRefused:
			return &Unreachable{f.server, errors.New("it answers without a verdict for each event, which Stepgate does not")}
		case len(events) == 1 || concernsAll(whole.err.Code):
			results[i].Err = whole.err
		default:
			alone, err := f.Send(ctx, events[i:i+1])
			if err != nil {
				return err
			}
			results[i] = alone[0]
		}
	}
	return nil
}

// concernsAll reports whether every event without a verdict would meet the
// same error again.
func concernsAll(code steps.Code) bool {
	return code == steps.CodeNoToken || code == steps.CodeTimeout || code == steps.CodeServer
}

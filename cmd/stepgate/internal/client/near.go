package client

import (
	"context"
	"time"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/engine/planfile"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// near is a client of an engine in this process.
type near struct {
	engine  *engine.Engine
	caller  steps.Caller
	timeout time.Duration
	close   func() error
}

// OfEngine returns a client of an engine, which close closes. Each call waits
// up to timeout.
func OfEngine(eng *engine.Engine, caller steps.Caller, timeout time.Duration, close func() error) Client {
	return &near{engine: eng, caller: caller, timeout: timeout, close: close}
}

func (n *near) Close() error { return n.close() }

func (n *near) Steps(ctx context.Context, req engine.StepsRequest) (httpapi.Activation, error) {
	ctx, cancel := context.WithTimeout(ctx, n.timeout)
	defer cancel()
	found, err := n.engine.Steps(ctx, n.caller, req)
	if err != nil {
		return httpapi.Activation{}, err
	}
	return httpapi.NewActivation(found), nil
}

func (n *near) Next(ctx context.Context, id steps.ID) (*steps.Item, error) {
	ctx, cancel := context.WithTimeout(ctx, n.timeout)
	defer cancel()
	return n.engine.Next(ctx, n.caller, id)
}

func (n *near) Send(ctx context.Context, events []steps.Event) ([]engine.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, n.timeout)
	defer cancel()
	return n.engine.HandleBatch(ctx, n.caller, events), nil
}

func (n *near) Show(ctx context.Context, id steps.ID) (httpapi.Activation, error) {
	ctx, cancel := context.WithTimeout(ctx, n.timeout)
	defer cancel()
	found, err := n.engine.Show(ctx, n.caller, id)
	if err != nil {
		return httpapi.Activation{}, err
	}
	return httpapi.NewActivation(found), nil
}

func (n *near) History(ctx context.Context, id steps.ID) (httpapi.HistoryPage, error) {
	ctx, cancel := context.WithTimeout(ctx, n.timeout)
	defer cancel()
	found, err := n.engine.History(ctx, n.caller, id)
	if err != nil {
		return httpapi.HistoryPage{}, err
	}
	return httpapi.NewHistoryPage(id, found), nil
}

func (n *near) Explain(ctx context.Context, id steps.ID) (httpapi.Explanation, error) {
	ctx, cancel := context.WithTimeout(ctx, n.timeout)
	defer cancel()
	found, err := n.engine.Explain(ctx, n.caller, id)
	if err != nil {
		return httpapi.Explanation{}, err
	}
	return httpapi.NewExplanation(found), nil
}

func (n *near) List(ctx context.Context, q Query) (httpapi.ActivationPage, error) {
	ctx, cancel := context.WithTimeout(ctx, n.timeout)
	defer cancel()
	query := store.Query{
		User: q.User, State: steps.State(q.State), Service: q.Service, Association: q.Association, Limit: q.Limit,
	}
	if q.Cursor != "" {
		var err error
		if query.After, err = steps.ParseID(q.Cursor); err != nil {
			return httpapi.ActivationPage{}, steps.Invalid("cursor", "the cursor is none that a page gave")
		}
	}
	found, err := n.engine.List(ctx, n.caller, query)
	if err != nil {
		return httpapi.ActivationPage{}, err
	}
	return httpapi.NewActivationPage(found, q.Limit, n.engine.Plans()), nil
}

func (n *near) Verify(ctx context.Context, page Page) (httpapi.Verification, error) {
	ctx, cancel := context.WithTimeout(ctx, n.timeout)
	defer cancel()
	found, err := n.engine.Verify(ctx, n.caller, page.After, page.Limit)
	if err != nil {
		return httpapi.Verification{}, err
	}
	return httpapi.NewVerification(found), nil
}

func (n *near) Plans(context.Context) (httpapi.Plans, error) {
	return httpapi.NewPlans(n.engine.Plans()), nil
}

func (n *near) Preview(ctx context.Context, file []byte, page Page) (httpapi.Preview, error) {
	ctx, cancel := context.WithTimeout(ctx, n.timeout)
	defer cancel()
	plans, err := planfile.Parse(file)
	if err != nil {
		return httpapi.Preview{}, err
	}
	moves, next, err := n.engine.Preview(ctx, n.caller, plans.Catalog, page.After, page.Limit)
	if err != nil {
		return httpapi.Preview{}, err
	}
	return httpapi.NewPreview(moves, next), nil
}

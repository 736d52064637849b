package httpapi

import (
	"context"
	"strconv"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

type idInput struct {
	request
	StepsID string `path:"stepsID" doc:"The stepsID"`
}

func (s *server) getActivation(_ context.Context, in *idInput) (*struct{ Body Activation }, error) {
	return answerAbout(s, &in.request, in.StepsID, func(ctx context.Context, caller steps.Caller, id steps.ID) (Activation, error) {
		list, err := s.engine.Show(ctx, caller, id)
		return NewActivation(list), err
	})
}

type stepsInput struct {
	request
	StepsID string `path:"stepsID" doc:"The stepsID"`
	Filter  string `query:"filter" doc:"all (the default), todo or alreadyDone"`
}

func (s *server) getSteps(_ context.Context, in *stepsInput) (*struct{ Body Activation }, error) {
	return answerAbout(s, &in.request, in.StepsID, func(ctx context.Context, caller steps.Caller, id steps.ID) (Activation, error) {
		filter, err := steps.ParseFilter(in.Filter)
		if err != nil {
			return Activation{}, steps.Invalid("filter", `a filter is "all", "todo" or "alreadyDone"`)
		}
		list, err := s.engine.Steps(ctx, caller, engine.StepsRequest{StepsID: id, Filter: filter})
		return NewActivation(list), err
	})
}

func (s *server) getHistory(_ context.Context, in *idInput) (*struct{ Body HistoryPage }, error) {
	return answerAbout(s, &in.request, in.StepsID, func(ctx context.Context, caller steps.Caller, id steps.ID) (HistoryPage, error) {
		entries, err := s.engine.History(ctx, caller, id)
		return NewHistoryPage(id, entries), err
	})
}

func (s *server) explainActivation(_ context.Context, in *idInput) (*struct{ Body Explanation }, error) {
	return answerAbout(s, &in.request, in.StepsID, func(ctx context.Context, caller steps.Caller, id steps.ID) (Explanation, error) {
		x, err := s.engine.Explain(ctx, caller, id)
		return NewExplanation(x), err
	})
}

type listInput struct {
	request
	User        string `query:"user" doc:"Those of this user"`
	State       string `query:"state" doc:"Those in this state"`
	Service     string `query:"service" doc:"Those of this service"`
	Association string `query:"association" doc:"Those of this carAssociationID"`
	Cursor      string `query:"cursor" doc:"The next of the page before"`
	Limit       string `query:"limit" doc:"1 to 1000; absent: 100"`
}

func (s *server) listActivations(_ context.Context, in *listInput) (*struct{ Body ActivationPage }, error) {
	return answer(s, &in.request, func(ctx context.Context, caller steps.Caller) (ActivationPage, error) {
		q, err := in.query()
		if err != nil {
			return ActivationPage{}, err
		}
		found, err := s.engine.List(ctx, caller, q)
		if err != nil {
			return ActivationPage{}, err
		}
		return NewActivationPage(found, q.Limit, s.engine.Plans()), nil
	})
}

func (in *listInput) query() (store.Query, error) {
	q := store.Query{User: in.User, State: steps.State(in.State), Service: in.Service, Association: in.Association}
	for _, filter := range []struct{ name, text string }{
		{"user", in.User}, {"state", in.State}, {"service", in.Service}, {"association", in.Association},
	} {
		if err := steps.CheckText(filter.name, filter.text, steps.MaxText); err != nil {
			return q, err
		}
	}
	var err error
	if in.Cursor != "" {
		if q.After, err = steps.ParseID(in.Cursor); err != nil {
			return q, steps.Invalid("cursor", "the cursor is none that a page gave")
		}
	}
	q.Limit, err = parseLimit(in.Limit)
	return q, err
}

// parseLimit reads how many a page holds; "" is zero.
func parseLimit(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > store.MaxLimit {
		return 0, steps.Invalid("limit", "a limit lies between 1 and 1000")
	}
	return limit, nil
}

// parsePage reads behind which stepsID a page begins, and how many it holds; ""
// is zero.
func parsePage(after, limit string) (id steps.ID, n int, err error) {
	if after != "" {
		if id, err = steps.ParseID(after); err != nil {
			return 0, 0, steps.Invalid("after", "it is the stepsID behind which the page begins: the next of the page before")
		}
	}
	n, err = parseLimit(limit)
	return id, n, err
}

package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/steps"
)

// far is a client of a server, by its native API.
type far struct {
	server   string // without a slash at its end
	identity Identity
	http     *http.Client
}

// Identity is as whom a server is asked.
type Identity struct {
	Token        string // "": the server is in development mode, and believes the next two
	User, Device string
}

// OfServer returns a client of the server at a URL, or why that is none. Each
// request takes up to the timeout of c.
func OfServer(server string, as Identity, c *http.Client) (Client, error) {
	u, err := url.Parse(server)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.User != nil, u.RawQuery != "":
		return nil, fmt.Errorf("%q is no address of a server", u.Redacted())
	}
	return &far{server: strings.TrimRight(server, "/"), identity: as, http: c}, nil
}

func (f *far) Close() error {
	f.http.CloseIdleConnections()
	return nil
}

func (f *far) Steps(ctx context.Context, req engine.StepsRequest) (httpapi.Activation, error) {
	id := req.StepsID
	switch {
	case id == 0:
		var a httpapi.Activation
		asked := httpapi.ActivationRequest{CarAssociationID: req.CarAssociationID, VIN: req.VIN, ResetSteps: req.Reset}
		err := f.post(ctx, "/v1/activations", "application/json", asked, &a)
		if err != nil || req.Filter == "" || req.Filter == steps.FilterAll {
			return a, err
		}
		id = a.StepsID
	case req.Reset:
		if err := f.reset(ctx, id); err != nil {
			return httpapi.Activation{}, err
		}
	}
	var a httpapi.Activation
	err := f.get(ctx, "/v1/activations/"+id.String()+"/steps", url.Values{"filter": {string(req.Filter)}}, &a)
	return a, err
}

// reset resets an activation as a device does: the native API has no call for
// that which takes a stepsID.
func (f *far) reset(ctx context.Context, id steps.ID) error {
	return f.post(ctx, "/pims", "application/json", map[string]any{
		"api":        "pims.subscription.steps",
		"parameters": map[string]any{"stepsID": id, "resetSteps": true},
	}, new(json.RawMessage))
}

func (f *far) Next(ctx context.Context, id steps.ID) (*steps.Item, error) {
	a, err := f.Steps(ctx, engine.StepsRequest{StepsID: id, Filter: steps.FilterTodo})
	if err != nil || len(a.Steps) == 0 {
		return nil, err
	}
	return &steps.Item{Name: a.Steps[0].Name, Status: a.Steps[0].Status, Order: a.Steps[0].Order}, nil
}

func (f *far) Show(ctx context.Context, id steps.ID) (httpapi.Activation, error) {
	var a httpapi.Activation
	err := f.get(ctx, "/v1/activations/"+id.String(), nil, &a)
	return a, err
}

func (f *far) History(ctx context.Context, id steps.ID) (httpapi.HistoryPage, error) {
	var h httpapi.HistoryPage
	err := f.get(ctx, "/v1/activations/"+id.String()+"/history", nil, &h)
	return h, err
}

func (f *far) List(ctx context.Context, q Query) (httpapi.ActivationPage, error) {
	values := url.Values{}
	for name, value := range map[string]string{
		"state": q.State, "service": q.Service, "association": q.Association, "cursor": q.Cursor,
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if q.Limit != 0 {
		values.Set("limit", strconv.Itoa(q.Limit))
	}
	var page httpapi.ActivationPage
	err := f.get(ctx, "/v1/activations", values, &page)
	return page, err
}

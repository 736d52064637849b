package client

import (
	"context"
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
	var a httpapi.Activation
	if req.StepsID == 0 || req.Reset {
		asked := httpapi.ActivationRequest{
			CarAssociationID: req.CarAssociationID, VIN: req.VIN, StepsID: req.StepsID,
			ResetSteps: req.Reset, Step: req.ResetStep,
		}
		err := f.post(ctx, "/v1/activations", asked, &a)
		if err != nil || req.Filter == "" || req.Filter == steps.FilterAll {
			return a, err
		}
		req.StepsID = a.StepsID
	}
	a = httpapi.Activation{}
	err := f.get(ctx, pathOf(req.StepsID)+"/steps", parameters{"filter": string(req.Filter)}, &a)
	return a, err
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
	err := f.get(ctx, pathOf(id), nil, &a)
	return a, err
}

func (f *far) History(ctx context.Context, id steps.ID) (httpapi.HistoryPage, error) {
	var h httpapi.HistoryPage
	err := f.get(ctx, pathOf(id)+"/history", nil, &h)
	return h, err
}

func (f *far) Explain(ctx context.Context, id steps.ID) (httpapi.Explanation, error) {
	var x httpapi.Explanation
	err := f.get(ctx, pathOf(id)+"/explain", nil, &x)
	return x, err
}

func (f *far) List(ctx context.Context, q Query) (httpapi.ActivationPage, error) {
	var page httpapi.ActivationPage
	err := f.get(ctx, "/v1/activations", parameters{
		"user": q.User, "state": q.State, "service": q.Service, "association": q.Association,
		"cursor": q.Cursor, "limit": number(q.Limit),
	}, &page)
	return page, err
}

func (f *far) Verify(ctx context.Context, page Page) (httpapi.Verification, error) {
	var v httpapi.Verification
	err := f.get(ctx, "/v1/verify", page.parameters(), &v)
	return v, err
}

func (f *far) Plans(ctx context.Context) (httpapi.Plans, error) {
	var p httpapi.Plans
	err := f.get(ctx, "/v1/plans", nil, &p)
	return p, err
}

func (f *far) Preview(ctx context.Context, file []byte, page Page) (httpapi.Preview, error) {
	var p httpapi.Preview
	err := f.postText(ctx, "/v1/plans/preview?"+page.parameters().encode(), "application/yaml", file, &p)
	return p, err
}

func pathOf(id steps.ID) string { return "/v1/activations/" + id.String() }

// parameters are those of a query. One that is "" is left out.
type parameters map[string]string

func (p parameters) encode() string {
	values := url.Values{}
	for name, value := range p {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values.Encode()
}

func (p Page) parameters() parameters {
	return parameters{"after": number(int(p.After)), "limit": number(p.Limit)}
}

// number returns a number as a parameter, which is left out where it is zero.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

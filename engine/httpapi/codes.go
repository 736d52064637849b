package httpapi

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/stepgate/stepgate/steps"
)

// What the codes mean is no secret: these calls need no token.

type codesInput struct{ request }

func (s *server) listCodes(_ context.Context, in *codesInput) (*struct{ Body Codes }, error) {
	return open(s, &in.request, func() (Codes, error) { return NewCodes(), nil })
}

type codeInput struct {
	request
	Code string `path:"code" doc:"The code: 2317"`
}

func (s *server) getCode(_ context.Context, in *codeInput) (*struct{ Body Code }, error) {
	return open(s, &in.request, func() (Code, error) {
		for _, code := range steps.Codes() {
			if strconv.Itoa(int(code)) == in.Code {
				return NewCode(code), nil
			}
		}
		return Code{}, &Problem{
			Title: http.StatusText(http.StatusNotFound), Status: http.StatusNotFound,
			Detail: "there is no such code: /v1/codes has those that there are",
		}
	})
}

// open runs a read of the native API for anybody.
func open[T any](s *server, q *request, read func() (T, error)) (*struct{ Body T }, error) {
	r, _ := humago.Unwrap(q.ctx)
	err := checkQuery(r.URL.RawQuery, queryNames(q.ctx.Operation()))
	if err == nil {
		var body T
		if body, err = read(); err == nil {
			return &struct{ Body T }{body}, nil
		}
	}
	return nil, s.problem(r, err)
}

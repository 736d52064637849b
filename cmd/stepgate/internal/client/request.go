package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/steps"
)

// maxAnswer is how much of an answer is read, in bytes: more than the longest
// history or page has.
const maxAnswer = 256 << 20

func (f *far) get(ctx context.Context, path string, query parameters, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.server+path+"?"+query.encode(), nil)
	if err != nil {
		return err
	}
	return f.do(req, into)
}

func (f *far) post(ctx context.Context, path string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return f.postText(ctx, path, "application/json", text, into)
}

func (f *far) postText(ctx context.Context, path, contentType string, text []byte, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.server+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", contentType)
	return f.do(req, into)
}

// do sends a request and reads its answer.
func (f *far) do(req *http.Request, into any) error {
	if f.identity.Token != "" {
		req.Header.Set("Authorization", "Bearer "+f.identity.Token)
	} else {
		req.Header.Set("X-User-ID", f.identity.User)
		req.Header.Set("X-Device-ID", f.identity.Device)
	}
	resp, err := f.http.Do(req)
	if err != nil {
		if sending, ok := errors.AsType[*url.Error](err); ok {
			err = sending.Err // which leaves out what f.server says already
		}
		return &Unreachable{f.server, err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return &Unreachable{f.server, err}
	}
	if resp.StatusCode != http.StatusOK {
		return f.refusal(resp.Status, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return &Unreachable{f.server, fmt.Errorf("its answer is not one of Stepgate: %w", err)}
	}
	return nil
}

// refusal returns the error that an answer tells.
func (f *far) refusal(status string, body []byte) error {
	var told httpapi.Problem
	_ = json.Unmarshal(body, &told) // what it does not tell stays zero
	if told.Code.Label() == "" {
		return &Unreachable{f.server, fmt.Errorf("it answers %s, which Stepgate does not", status)}
	}
	r := &refused{
		err: &steps.Error{
			Code: told.Code, Parameter: told.Parameter, Detail: told.Detail, Steps: told.Steps, RetryAt: told.RetryAt,
		},
		verdicts: told.Verdicts,
	}
	if told.Receipt != nil {
		r.receipt = *told.Receipt
	}
	return r
}

// refused is the error of a request, with what was done of it all the same.
type refused struct {
	err      *steps.Error
	verdicts []steps.Verdict // of those events that have one
	receipt  httpapi.Receipt // of what was erased
}

func (r *refused) Error() string { return r.err.Error() }
func (r *refused) Unwrap() error { return r.err }

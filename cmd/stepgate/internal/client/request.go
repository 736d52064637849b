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

func (f *far) get(ctx context.Context, path string, query url.Values, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.server+path+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	return f.do(req, into)
}

func (f *far) post(ctx context.Context, path, contentType string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return f.postText(ctx, path, contentType, text, into)
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

// refusal returns the error that an answer tells: as a problem of the native
// API, or in an envelope of the source text's.
func (f *far) refusal(status string, body []byte) error {
	var told struct {
		httpapi.Problem
		Error struct{ Code steps.Code } `json:"error"`
	}
	_ = json.Unmarshal(body, &told) // what it does not tell stays zero
	code := max(told.Code, told.Error.Code)
	if code.Label() == "" {
		return &Unreachable{f.server, fmt.Errorf("it answers %s, which Stepgate does not", status)}
	}
	return &refused{
		err:      &steps.Error{Code: code, Parameter: told.Parameter, Detail: told.Detail},
		verdicts: told.Verdicts,
	}
}

// refused is the error of a request, with the verdicts of those events in it
// that have one.
type refused struct {
	err      *steps.Error
	verdicts []steps.Verdict
}

func (r *refused) Error() string { return r.err.Error() }
func (r *refused) Unwrap() error { return r.err }

package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// Problem is an error of the native API (RFC 9457), with the code of contract
// section 2.
type Problem struct {
	Title     string     `json:"title" doc:"The code's label, the place for a parameter's name in brackets"`
	Status    int        `json:"status" doc:"The HTTP status"`
	Detail    string     `json:"detail,omitempty" doc:"What is wrong, and what to do next"`
	Code      steps.Code `json:"code,omitempty" doc:"As in the API of the source text"`
	Parameter string     `json:"parameter,omitempty" doc:"Which parameter or member is at fault"`
	RetryAt   time.Time  `json:"retryAt,omitzero" doc:"When it can succeed at the earliest, where that is known"`
	Steps     []string   `json:"steps,omitempty" nullable:"false" doc:"Those whose checkers failed"`
	Instance  string     `json:"instance,omitempty" doc:"What the failure is called in the service's log"`
	// Verdicts are those of the events of a batch that have one, where others
	// have none. Send all of it again: those get the same ones.
	Verdicts []steps.Verdict `json:"verdicts,omitempty" nullable:"false" doc:"Of the events of a batch that have one"`
	// Receipt says what an erasure that broke off has erased. Do it again for the
	// rest: the next receipt does not name these.
	Receipt *Receipt `json:"receipt,omitempty" doc:"What an erasure that broke off has erased"`
	// Faults are those of a plan file.
	Faults []FileFault `json:"faults,omitempty" nullable:"false" doc:"Of a plan file"`
}

// FileFault is one thing that is wrong with a plan file.
type FileFault struct {
	Line   int    `json:"line" doc:"From 1"`
	Column int    `json:"column" doc:"From 1, in characters"`
	Path   string `json:"path,omitempty" doc:"Of the value: services.remoteCommands.versions[0].steps[1].ttl"`
	What   string `json:"what"`
}

// problem returns an error as a problem, under an id where the service is to
// blame. One that is a problem already stays as it is.
func (s *server) problem(r *http.Request, err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	id := newTransactionID()
	e := s.typed(r, id, err)
	p := &Problem{
		Title: e.Code.Label(), Status: statuses[e.Code], Detail: e.Detail, Code: e.Code, Parameter: e.Parameter,
		RetryAt: e.RetryAt, Steps: e.Steps,
	}
	if p.Status >= http.StatusInternalServerError {
		p.Instance = "urn:uuid:" + id
	}
	return p
}

// Error implements error.
func (p *Problem) Error() string { return p.Title }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	header := http.Header{}
	setErrorHeaders(header, p.Code, p.RetryAt)
	return header
}

func writeProblem(w http.ResponseWriter, p *Problem) {
	setErrorHeaders(w.Header(), p.Code, p.RetryAt)
	writeJSON(w, problemType, p.Status, p)
}

func writeJSON(w http.ResponseWriter, contentType string, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // the shapes can all be marshalled
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n'))
}

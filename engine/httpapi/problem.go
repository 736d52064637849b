package httpapi

import (
	"encoding/json"
	"net/http"

	"github.com/stepgate/stepgate/steps"
)

// Problem is an error of the native API (RFC 9457), with the code of contract
// section 2.
type Problem struct {
	Title     string     `json:"title" doc:"The code's label"`
	Status    int        `json:"status" doc:"The HTTP status"`
	Detail    string     `json:"detail,omitempty" doc:"What is wrong, and what to do next"`
	Code      steps.Code `json:"code,omitempty" doc:"As in the API of the source text"`
	Parameter string     `json:"parameter,omitempty" doc:"Which parameter or member is at fault"`
	Instance  string     `json:"instance,omitempty" doc:"What the failure is called in the service's log"`
	// Verdicts are those of the events of a batch that have one, where others
	// have none. Send all of it again: those get the same ones.
	Verdicts []steps.Verdict `json:"verdicts,omitempty"`
}

// problem returns an error as a problem, under an id where the service is to
// blame.
func (s *server) problem(r *http.Request, id string, err error) *Problem {
	e := s.typed(r, id, err)
	p := &Problem{Title: e.Label(), Status: statuses[e.Code], Detail: e.Detail, Code: e.Code, Parameter: e.Parameter}
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
	setErrorHeaders(header, p.Code)
	return header
}

func writeProblem(w http.ResponseWriter, p *Problem) {
	setErrorHeaders(w.Header(), p.Code)
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

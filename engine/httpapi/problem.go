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
	Code      steps.Code `json:"code" doc:"As in the API of the source text"`
	Parameter string     `json:"parameter,omitempty" doc:"Which parameter or member is at fault"`
	// Verdicts are those of the events of a batch that have one, where others
	// have none. Send all of it again: those get the same ones.
	Verdicts []steps.Verdict `json:"verdicts,omitempty"`
}

func problemOf(e *steps.Error) *Problem {
	return &Problem{Title: e.Label(), Status: statuses[e.Code], Detail: e.Detail, Code: e.Code, Parameter: e.Parameter}
}

// Error implements error.
func (p *Problem) Error() string { return p.Title }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

func writeProblem(w http.ResponseWriter, p *Problem) {
	challenge(w, p.Code)
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

package bench

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/stepgate/stepgate/engine/handler"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/steps"
)

// bare is POST /v1/events without an engine: it decodes an event as the native
// API does, and answers the same bytes, since what a first event of a step comes
// to follows from its plan.
type bare struct{ plan steps.Plan }

// ServeHTTP implements http.Handler.
func (b bare) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, handler.MaxBytes))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	events, err := handler.DecodeMessage(r.Header, body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	text, err := json.Marshal(httpapi.Verdicts{Verdicts: []steps.Verdict{b.verdict(&events[0])}})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(text, '\n')) // who has hung up gets nothing
}

func (b bare) verdict(ev *steps.Event) steps.Verdict {
	state := steps.StateActivated
	step := b.plan.Index(ev.Steps[0])
	if step+1 < len(b.plan.Steps) {
		state = steps.State(b.plan.Steps[step+1].Name)
	}
	return steps.Verdict{
		Source: ev.Key.Source, ID: ev.Key.ID, StepsID: ev.StepsID,
		Outcome: steps.Applied, State: state, Revision: uint32(step + 2), // 1 created it
	}
}

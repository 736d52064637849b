package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/handler"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store/memstore"
)

// BenchmarkEvents sends one event a request over keep-alive connections, 32 a
// processor: to the engine on a memory store, and to a bare handler that decodes
// the same body and answers the same bytes with no engine behind it.
func BenchmarkEvents(b *testing.B) {
	st := memstore.New()
	eng, err := engine.New(st, engine.Options{})
	require.NoError(b, err)
	b.Cleanup(func() {
		eng.Close()
		require.NoError(b, st.Close())
	})
	ids := make([]steps.ID, 4096)
	for i := range ids {
		list, err := eng.Steps(context.Background(),
			steps.Caller{User: "u", Device: "d", Rights: steps.Ask},
			engine.StepsRequest{CarAssociationID: strconv.Itoa(i)})
		require.NoError(b, err)
		ids[i] = list.StepsID
	}
	b.Run("engine", func(b *testing.B) { benchEvents(b, httpapi.New(eng, httpapi.Options{}), ids) })
	b.Run("bare", func(b *testing.B) { benchEvents(b, http.HandlerFunc(bareEvents), ids) })
}

// bareEvents answers as the engine would, were every event the first of its
// activation.
func bareEvents(w http.ResponseWriter, r *http.Request) {
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
	answer, err := json.Marshal(httpapi.Verdicts{Verdicts: []steps.Verdict{{
		Source: events[0].Key.Source, ID: events[0].Key.ID, StepsID: events[0].StepsID,
		Outcome: steps.Applied, State: steps.TrustedPhone, Revision: 2,
	}}})
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(answer, '\n'))
}

var lastEvent atomic.Uint64 // over all rounds, so that no event is told twice

func benchEvents(b *testing.B, h http.Handler, ids []steps.ID) {
	server := httptest.NewServer(h)
	defer server.Close()
	transport := &http.Transport{MaxIdleConnsPerHost: 1024}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	b.ReportAllocs()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		var body []byte
		for pb.Next() {
			n := lastEvent.Add(1)
			id := ids[n%uint64(len(ids))]
			ev := steps.Event{
				Key: steps.EventID("sms", "e-"+strconv.FormatUint(n, 10)), Kind: steps.Failed,
				StepsID: id, Steps: []string{steps.TrustedPhone}, Reason: "wrong code",
			}
			var err error
			if body, err = handler.Append(body[:0], &ev); err != nil {
				b.Error(err)
				return
			}
			resp, err := client.Post(server.URL+"/v1/events", handler.Structured, bytes.NewReader(body))
			if err != nil {
				b.Error(err)
				return
			}
			_, err = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if err != nil || resp.StatusCode != http.StatusOK {
				b.Error(resp.Status, err)
				return
			}
		}
	})
}

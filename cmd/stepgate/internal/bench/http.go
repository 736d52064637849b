package bench

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"sync/atomic"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/steps"
)

// HTTP is one event a request to the native API, beside a handler that decodes
// the same body and answers the same bytes, with no engine behind it.
type HTTP struct {
	Connections int         `json:"connections"`
	Bare        Sample      `json:"bare"`
	Engine      Sample      `json:"engine"`
	Throughput  Ratio       `json:"throughput"` // of the engine to the bare handler
	Rounds      []HTTPRound `json:"rounds"`
}

// HTTPRound is what was measured right after each other.
type HTTPRound struct {
	Bare   Sample `json:"bare"`
	Engine Sample `json:"engine"`
}

// httpConnections is on how many connections requests come at once.
const httpConnections = 64

// measureHTTP measures the native API beside the bare handler, in rounds, on the
// same activations.
func (s *session) measureHTTP(ctx context.Context, report *Report) error {
	h := &HTTP{Connections: httpConnections}
	progress := newProgress(s.Progress, "measure", s.Rounds)
	defer progress.stop()
	for round := range s.Rounds {
		r, err := s.httpRound(ctx, round%2 == 1)
		if err != nil {
			return err
		}
		h.Rounds = append(h.Rounds, r)
		progress.done.Add(1)
	}
	h.sum()
	report.HTTP = h
	report.Goals = append(report.Goals, h.judge()...)
	return nil
}

func (h *HTTP) sum() {
	ratios := make([]float64, len(h.Rounds))
	for i, r := range h.Rounds {
		ratios[i] = r.Engine.PerSecond / r.Bare.PerSecond
	}
	h.Throughput = spread(ratios)
	h.Bare = median(h.Rounds, func(r HTTPRound) Sample { return r.Bare })
	h.Engine = median(h.Rounds, func(r HTTPRound) Sample { return r.Engine })
}

// httpRound measures both handlers, with a store of its own open all the while.
func (s *session) httpRound(ctx context.Context, engineFirst bool) (r HTTPRound, err error) {
	dir := s.newDir()
	st, err := s.Place.Open(dir)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, st.Close(), os.RemoveAll(dir)) }()
	eng, err := newEngine(st, s.plan)
	if err != nil {
		return r, err
	}
	defer eng.Close()
	created, err := s.create(ctx, eng)
	if err != nil {
		return r, err
	}

	on := func(what string, h http.Handler, sample *Sample) func() error {
		return func() error {
			return labelled(ctx, what, httpConnections, func(ctx context.Context) (err error) {
				*sample, err = s.requests(ctx, h, created)
				return err
			})
		}
	}
	measure := []func() error{on("bare", bare{s.plan}, &r.Bare), on("http", newAPI(eng), &r.Engine)}
	if engineFirst {
		slices.Reverse(measure)
	}
	for _, m := range measure {
		if err := m(); err != nil {
			return r, err
		}
	}
	return r, nil
}

func newAPI(eng *engine.Engine) http.Handler {
	return httpapi.New(eng, httpapi.Options{Log: slog.New(slog.DiscardHandler)})
}

// httpActivations is how many activations wait for their events where a duration
// decides: a few seconds' worth, and no more than the engine keeps at hand, since
// in life one step follows soon after the other. A measurement that has
// completed them ends early.
const httpActivations = 30_000

// create makes the activations of a round.
func (s *session) create(ctx context.Context, eng *engine.Engine) ([]steps.ID, error) {
	n := s.Budget.Activations
	if n == 0 {
		n = httpActivations
	}
	created := make([][]steps.ID, httpConnections)
	callers := s.newCallers(eng, httpConnections)
	call := context.WithoutCancel(ctx)
	_, err := crowd(ctx, httpConnections, Budget{Activations: n}, func(i int) error {
		who := newIdentity(callers[i].rand, 0)
		device := steps.Caller{User: who.user, Device: who.device, Rights: steps.Ask, Channel: "pims"}
		list, err := eng.Steps(call, device, engine.StepsRequest{CarAssociationID: who.association})
		created[i] = append(created[i], list.StepsID)
		return err
	})
	return slices.Concat(created...), err
}

// requests measures a handler on a real server: connections that send one event
// after the other, wait for each answer and check it.
func (s *session) requests(ctx context.Context, h http.Handler, created []steps.ID) (sample Sample, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return sample, err
	}
	server := &http.Server{Handler: h}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener) // ends when the server is closed
	}()
	defer func() {
		err = errors.Join(err, server.Close())
		<-served
	}()
	connections := make([]*connection, httpConnections)
	for i := range connections {
		if connections[i], err = dial(listener.Addr().String()); err != nil {
			return sample, err
		}
		defer connections[i].Close()
	}

	var next atomic.Int64
	budget := Budget{Activations: len(created), Duration: s.Budget.Duration}
	took, err := crowd(ctx, httpConnections, budget, func(i int) error {
		return connections[i].complete(created[next.Add(1)-1], s.plan)
	})
	var times histogram
	for _, c := range connections {
		times.merge(&c.times)
	}
	return took.sample(&times, &histogram{}), err
}

package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/handler"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/steps"
)

// HTTP is one event a request, beside a handler that reads the same bodies the
// same way and answers as many bytes, with no engine behind it.
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

// httpConnections is on how many connections requests come at once, and httpGoal
// what part of the bare handler's rate the engine is to reach.
const (
	httpConnections = 64
	httpGoal        = 0.50
)

func (s *session) measureHTTP(ctx context.Context, report *Report) error {
	result := &HTTP{Connections: httpConnections}
	progress := newProgress(s.Progress, "measure HTTP", s.Rounds)
	defer progress.stop()
	for range s.Rounds {
		var round HTTPRound
		err := labelled(ctx, "bare", httpConnections, func(ctx context.Context) (err error) {
			round.Bare, err = s.requests(ctx, http.HandlerFunc(bare), 0, nil)
			return err
		})
		if err == nil {
			err = labelled(ctx, "http", httpConnections, func(ctx context.Context) (err error) {
				round.Engine, err = s.httpEngine(ctx)
				return err
			})
		}
		if err != nil {
			return err
		}
		result.Rounds = append(result.Rounds, round)
		progress.done.Add(1)
	}
	result.sum()
	report.HTTP = result
	report.Goals = append(report.Goals, atLeast(httpGoal, result.Throughput.Median, "HTTP, %d connections: rate, of a bare handler's", httpConnections))
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

// httpEngine measures the native API on a store of its own.
func (s *session) httpEngine(ctx context.Context) (sample Sample, err error) {
	dir := s.newDir()
	st, err := s.Place.Open(dir)
	if err != nil {
		return sample, err
	}
	defer func() { err = errors.Join(err, st.Close(), os.RemoveAll(dir)) }()
	eng, err := newEngine(st, s.plan)
	if err != nil {
		return sample, err
	}
	defer eng.Close()
	waiting, err := s.waiting(ctx, eng)
	if err != nil {
		return sample, err
	}
	api := httpapi.New(eng, httpapi.Options{Log: slog.New(slog.DiscardHandler)})
	return s.requests(ctx, api, len(s.plan.Steps), waiting)
}

// waiting makes activations for requests to complete: more than are asked for in
// the time.
func (s *session) waiting(ctx context.Context, eng *engine.Engine) ([]steps.ID, error) {
	n := s.Budget.Activations
	if n == 0 {
		n = int(s.Budget.Duration.Seconds() * 30_000)
	}
	ids := make([][]steps.ID, httpConnections)
	all := s.newCallers(eng, httpConnections)
	_, err := crowd(ctx, httpConnections, Budget{Activations: n}, func(i int) error {
		who := newIdentity(all[i].rand, 0)
		device := steps.Caller{User: who.user, Device: who.device, Rights: steps.Ask, Channel: "pims"}
		list, err := eng.Steps(ctx, device, engine.StepsRequest{CarAssociationID: who.association})
		ids[i] = append(ids[i], list.StepsID)
		return err
	})
	var waiting []steps.ID
	for _, some := range ids {
		waiting = append(waiting, some...)
	}
	return waiting, err
}

// requests measures a handler on a real server: connections that send one event
// after the other, and check each answer.
func (s *session) requests(ctx context.Context, h http.Handler, perActivation int, waiting []steps.ID) (Sample, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return Sample{}, err
	}
	server := &http.Server{Handler: h}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()

	conns := make([]*connection, httpConnections)
	for i := range conns {
		conns[i], err = dial(listener.Addr().String(), s.plan)
		if err != nil {
			return Sample{}, err
		}
		defer conns[i].Close()
		share := len(waiting) / httpConnections
		conns[i].waiting = waiting[i*share : (i+1)*share]
		conns[i].perActivation = perActivation
	}
	took, err := crowd(ctx, len(conns), s.Budget, func(i int) error { return conns[i].live() })
	if err != nil && !errors.Is(err, errSpent) {
		return Sample{}, err
	}
	var writes histogram
	for _, c := range conns {
		writes.merge(&c.times)
	}
	return took.sample(&writes, &histogram{}), nil
}

// errSpent ends a measurement that has completed all there was.
var errSpent = errors.New("every activation is activated")

// bare decodes as the engine's handler does, and answers as it would.
func bare(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, handler.MaxBytes))
	if err == nil {
		_, err = handler.DecodeMessage(r.Header, body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, bareAnswer)
}

const bareAnswer = `{"verdicts":[{"source":"//otp.example/sms","id":"953cfefb-bc72-4000-8000-953cfefbbc72","stepsID":244833163182080,` +
	`"outcome":"applied","state":"deviceActivation","epoch":0,"revision":2,"duplicate":false}]}` + "\n"

// live completes the steps of the next activation; against a bare handler, which
// knows none, of a made-up one.
func (c *connection) live() error {
	id := steps.ID(244833163182080)
	if c.perActivation > 0 {
		if len(c.waiting) == 0 {
			return errSpent
		}
		id, c.waiting = c.waiting[0], c.waiting[1:]
	}
	who := newIdentity(c.rand, len(c.plan.Steps))
	for i, step := range c.plan.Steps {
		ev := steps.Completion(steps.EventID(sources[i%len(sources)], who.events[i]), id, step.Name)
		ev.Time = time.Now()
		var err error
		if c.body, err = handler.Append(c.body[:0], &ev); err != nil {
			return err
		}
		began := time.Now()
		if err := c.post(); err != nil {
			return fmt.Errorf("POST /v1/events: %w", err)
		}
		c.times.add(time.Since(began))
	}
	return nil
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) }

package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/stepgate/stepgate/engine/httpapi"
)

type serveCmd struct {
	Listen       string        `env:"STEPGATE_LISTEN" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Listen here; anything but loopback needs --tokens. Port 0 takes a free one."`
	Store        place         `env:"STEPGATE_STORE" default:"pebble:./stepgate-data" placeholder:"PLACE" help:"Keep the data in pebble:DIR, or in memory: which forgets."`
	Tokens       string        `env:"STEPGATE_TOKENS" placeholder:"FILE" help:"Take callers with a bearer token of this YAML file alone. Without it, whoever asks from this machine may do everything."`
	Plans        string        `env:"STEPGATE_PLANS" placeholder:"FILE" help:"What the services require, and who can be asked, as \"plan check\" takes it. Without it, both services require all three steps."`
	Associations string        `env:"STEPGATE_ASSOCIATIONS" placeholder:"FILE" help:"What each carAssociationID means, in YAML or NDJSON. Without it and without --tokens, an unknown one is the caller's own, of the first service."`
	Sweep        time.Duration `env:"STEPGATE_SWEEP" default:"5s" placeholder:"TIME" help:"Record so often what falls due without an event. 0: never."`
	LogLevel     string        `env:"STEPGATE_LOG_LEVEL" enum:"debug,info,warn,error" default:"info" placeholder:"LEVEL" help:"Log what is of this level or above: ${enum}."`
}

// Help implements kong.HelpProvider.
func (serveCmd) Help() string {
	return `Serves the API of the source text below /pims and the native one below /v1, described at /openapi.json.

SIGTERM or Ctrl-C lets what is in flight finish and ends; a second one ends at once.

Tokens travel as they are: put TLS in front of the server where the network is not yours alone.

Examples:

    stepgate serve
    stepgate serve --store memory: --listen 127.0.0.1:0
    stepgate serve --listen 0.0.0.0:8080 --tokens tokens.yaml --associations associations.yaml
    stepgate serve --plans plans.yaml

A file of tokens:

    # the hash is of: printf %s TOKEN | sha256sum
    - sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
      user: alice
      device: phone-1
      rights: [ask]

A file of associations:

    # or a JSON object a line
    - carAssociationID: "987654"
      user: alice
      service: remoteCommands
      vin: VF3XXXXXXXXXXXXXX`
}

// Validate implements kong's check of what was given.
func (c *serveCmd) Validate() error {
	if c.Sweep < 0 {
		return errors.New("--sweep takes a time, such as 5s, or 0")
	}
	return nil
}

// What a server waits for at the most. A batch of events may take a while to
// arrive and to be judged; a client that sends nothing is let go.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = time.Minute
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
)

// Run implements the command.
func (c *serveCmd) Run(a *app) error {
	log := newLog(a.err, c.LogLevel)
	signal.Ignore(syscall.SIGPIPE) // who read the log may leave; the server stays
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	listener, err := listen(c.Listen, c.Tokens != "")
	if err != nil {
		return err
	}
	defer listener.Close()
	l, err := openLocal(c.Store, c.Plans, c.Associations, c.Tokens == "")
	if err != nil {
		return err
	}
	if err := l.checkers.lacking; err != nil {
		return errors.Join(err, l.Close())
	}
	handler, err := c.handler(l, log)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	c.greet(a.out, listener.Addr(), l)
	sweeper := startSweeper(l.Engine, c.Sweep, log)
	err = serve(ctx, stop, server, listener, log)
	sweeper.stop()
	if closing := l.Close(); err == nil {
		err = closing
	}
	if err == nil {
		log.Info("stopped")
	}
	return err
}

// serve serves until a signal ends ctx, then lets what is in flight finish, which
// the server's time-outs bound. Once stop was called, a signal ends the program.
func serve(ctx context.Context, stop func(), server *http.Server, listener net.Listener, log *slog.Logger) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fail(exitFault, "start it again", "the server stopped by itself: %w", err)
	case <-ctx.Done():
		stop()
	}
	log.Info("stopping: what is in flight finishes; a second signal ends at once")
	return server.Shutdown(context.Background())
}

// handler returns what answers requests: callers are those of the tokens, or,
// without, whoever asks from this machine.
func (c *serveCmd) handler(l *local, log *slog.Logger) (http.Handler, error) {
	callers := httpapi.Development()
	if c.Tokens != "" {
		var err error
		if callers, err = httpapi.TokenFile(c.Tokens); err != nil {
			return nil, &failure{code: exitUsage, err: yamlFault(c.Tokens, err), next: "mend the file, which stepgate serve --help describes"}
		}
	}
	return httpapi.New(l.Engine, httpapi.Options{
		Authenticate: callers,
		Associations: l.associations,
		Log:          log,
		Ready:        l.ready,
	}), nil
}

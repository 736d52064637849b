package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/alecthomas/kong"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/client"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// target says which engine a command asks.
type target struct {
	Server       string        `env:"STEPGATE_SERVER" default:"http://127.0.0.1:8080" placeholder:"URL" group:"Connection" help:"Ask this server."`
	Store        place         `env:"STEPGATE_STORE" placeholder:"PLACE" group:"Connection" help:"Ask no server but open this store: pebble:DIR. No server may have it open."`
	Plans        string        `env:"STEPGATE_PLANS" placeholder:"FILE" group:"Connection" help:"With --store: the plans, as for serve."`
	Associations string        `env:"STEPGATE_ASSOCIATIONS" placeholder:"FILE" group:"Connection" help:"With --store: what each carAssociationID means, as for serve."`
	Token        string        `env:"STEPGATE_TOKEN" placeholder:"TOKEN" group:"Connection" help:"The bearer token; better given as a variable, which other users cannot see."`
	Timeout      time.Duration `env:"STEPGATE_TIMEOUT" default:"30s" group:"Connection" help:"Wait this long for each answer."`
}

// openWith has a store that the command opens itself run the plans of a file,
// where no others are named.
func (t *target) openWith(plans string) {
	if t.Plans == "" {
		t.Plans = plans
	}
}

// connection says which engine a command asks, and as whom.
type connection struct {
	target
	User   string `env:"STEPGATE_USER" default:"dev" group:"Connection" help:"Without a token: the user that asks."`
	Device string `env:"STEPGATE_DEVICE" default:"dev" group:"Connection" help:"Without a token: the device that asks."`
}

// with connects, runs a function, and disconnects.
func (c *connection) with(sources sources, run func(context.Context, client.Client) error) error {
	return c.as(c.User, c.Device, sources, run)
}

// operation is the connection of a command whose --user is not who asks.
type operation struct {
	target
	As string `env:"STEPGATE_USER" default:"dev" placeholder:"USER" group:"Connection" help:"Without a token: the user that asks."`
}

// with connects, runs a function, and disconnects.
func (o *operation) with(sources sources, run func(context.Context, client.Client) error) error {
	return o.as(o.As, "dev", sources, run)
}

// as connects as a user on a device, runs a function, and disconnects.
func (t *target) as(user, device string, sources sources, run func(context.Context, client.Client) error) error {
	cl, err := t.connect(user, device, sources)
	if err != nil {
		return err
	}
	return errors.Join(run(context.Background(), cl), cl.Close())
}

// connect returns a client of the store where one is named by something nearer
// than what names a server: a flag, a variable, the file.
func (t *target) connect(user, device string, sources sources) (client.Client, error) {
	server, near := sources.of("server"), sources.of("store")
	switch {
	case near == byDefault || near < server:
		return t.askServer(client.Identity{Token: t.Token, User: user, Device: device})
	case near == server:
		return nil, fail(exitUsage, "leave one of them away", "both a server and a store are named by %s", near)
	}
	return t.openStore(steps.Caller{User: user, Device: device, Rights: steps.AllRights, Channel: "cli"})
}

func (t *target) askServer(as client.Identity) (client.Client, error) {
	cl, err := client.OfServer(t.Server, as, &http.Client{Timeout: t.Timeout})
	if err != nil {
		return nil, fail(exitUsage, "write --server http://HOST:PORT", "%w", err)
	}
	return cl, nil
}

func (t *target) openStore(as steps.Caller) (client.Client, error) {
	l, err := openLocal(t.Store, t.Plans, t.Associations, true)
	if errors.Is(err, store.ErrUnavailable) {
		return nil, fail(exitUnreachable, "if a server has it open, ask that one, by --server", "%w", err)
	}
	if err != nil {
		return nil, err
	}
	return client.OfEngine(l.Engine, as, t.Timeout, l.Close), nil
}

// nearness is where a setting comes from: a greater one counts.
type nearness int

const (
	byDefault nearness = iota
	byFile
	byVariable
	byFlag
)

func (n nearness) String() string {
	return [...]string{"default", "the configuration file", "variables", "flags"}[n]
}

// sources says where the settings of a command come from.
type sources struct{ ctx *kong.Context }

func (s sources) of(name string) nearness {
	given := func(resolved bool) bool {
		return slices.ContainsFunc(s.ctx.Path, func(p *kong.Path) bool {
			return p.Flag != nil && p.Flag.Name == name && p.Resolved == resolved
		})
	}
	set := slices.ContainsFunc(s.ctx.Flags(), func(f *kong.Flag) bool { return f.Name == name && inEnvironment(f) })
	switch {
	case given(false):
		return byFlag
	case set:
		return byVariable
	case given(true):
		return byFile
	}
	return byDefault
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/client"
	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
)

// side is one of the two ways to an engine, and the activation there.
type side struct {
	flags []string
	id    steps.ID
}

// sides returns an engine behind a server, and one in a store, in a directory
// with the plan files of the tests. Both run one of these, or the plans of the
// source text.
func sides(t *testing.T, plans string) (far, near *side) {
	t.Helper()
	files, err := filepath.Abs("testdata/plans")
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	require.NoError(t, os.CopyFS(".", os.DirFS(files)))
	l, err := openLocal(place{memory: true}, plans, "", true)
	require.NoError(t, err)
	h, err := (&serveCmd{}).handler(l, slog.New(slog.NewTextHandler(t.Output(), nil)))
	require.NoError(t, err)
	server := httptest.NewServer(h)
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, l.Close())
	})
	near = &side{flags: []string{"--store", "pebble:data"}}
	if plans != "" {
		near.flags = append(near.flags, "--plans", plans)
	}
	return &side{flags: []string{"--server", server.URL}}, near
}

// answered is all that a command gave.
type answered struct {
	Code     int
	Out, Err string
}

// ask runs a command, in which STEPSID stands for the activation.
func (s *side) ask(command, input string) answered {
	id := s.id.String()
	args := append(strings.Fields(strings.ReplaceAll(command, "STEPSID", id)), s.flags...)
	var out, errs bytes.Buffer
	code := run(args, strings.NewReader(strings.ReplaceAll(input, "STEPSID", id)), &out, &errs)
	return answered{code, out.String(), errs.String()}
}

// steady returns what a command gave without what differs from run to run, and
// without how it came to the engine.
func (a answered) steady() answered {
	channel := regexp.MustCompile(`("?channel"?: ?"?|(?:dev|ann) by )(v1|pims|cli)\b`)
	columns := regexp.MustCompile(` {3,}`) // as wide as the channels in them
	for _, text := range []*string{&a.Out, &a.Err} {
		*text = channel.ReplaceAllString(volatile.ReplaceAllString(*text, "…"), "$1…")
		*text = columns.ReplaceAllString(*text, "  ")
	}
	return a
}

func eventLine(id, step string) string {
	return fmt.Sprintf(`{"specversion":"1.0","source":"test","id":%q,"type":"stepgate.step.completed.v1","subject":"STEPSID","data":{"step":%q}}`+"\n", id, step)
}

const cancelLine = `{"specversion":"1.0","source":"test","id":"c","type":"stepgate.activation.cancelled.v1","subject":"STEPSID","data":{"actor":"ann","reason":"sold"}}` + "\n"

// exchanged is a command that both sides are given, and the exit code of both.
type exchanged struct {
	command, input string
	code           int
}

// compare gives both sides the same commands, and sees that they answer the
// same.
func compare(t *testing.T, far, near *side, commands []exchanged) {
	t.Helper()
	for _, c := range commands {
		fromServer, fromStore := far.ask(c.command, c.input), near.ask(c.command, c.input)
		require.Equal(t, c.code, fromServer.Code, "%s: %s%s", c.command, fromServer.Out, fromServer.Err)
		require.Equal(t, fromServer.steady(), fromStore.steady(), c.command)
		require.NotEmpty(t, fromServer.Out+fromServer.Err, c.command)
		for s, gave := range map[*side]answered{far: fromServer, near: fromStore} {
			if id := regexp.MustCompile(`stepsID (\d+)`).FindStringSubmatch(gave.Out); id != nil && s.id == 0 {
				var err error
				s.id, err = steps.ParseID(id[1])
				require.NoError(t, err)
			}
		}
	}
}

// TestBothClients: a command gives the same, whether it asks a server or opens
// a store.
func TestBothClients(t *testing.T) {
	far, near := sides(t, "")
	compare(t, far, near, []exchanged{
		{command: "steps --association 1"},
		{command: "steps --vin DEV1 --filter todo"},
		{command: "next STEPSID"},
		{command: "next STEPSID -o json"},
		{command: "next STEPSID -o yaml"},
		{command: "send -", code: 1, input: eventLine("1", "trustedPhone") + "{}\n" + eventLine("2", "mediumCarKey") + strings.ReplaceAll(eventLine("3", "x"), "STEPSID", "17")},
		{command: "send -", code: 1, input: eventLine("1", "trustedPhone") + eventLine("1", "mediumCarKey")},
		{command: "show STEPSID"},
		{command: "show STEPSID -o json"},
		{command: "show STEPSID -o jsonl"},
		{command: "show STEPSID -o yaml"},
		{command: "show STEPSID --draw mermaid"},
		{command: "show STEPSID --draw dot"},
		{command: "history STEPSID"},
		{command: "history STEPSID -o json"},
		{command: "history STEPSID -o jsonl"},
		{command: "history STEPSID -o yaml"},
		{command: "steps --association 2"},
		{command: "list"},
		{command: "list -o json"},
		{command: "list -o jsonl"},
		{command: "list -o yaml"},
		{command: "list --limit 1 -o jsonl"},
		{command: "list --state deviceActivation"},
		{command: "list --association 2"},
		{command: "list --service vehicleStatus -o json"},
		{command: "list --service vehicleStatus"},
		{command: "steps STEPSID --reset --filter todo -o yaml"},
		{command: "steps STEPSID --filter alreadyDone -o jsonl"},
		{command: "send -", input: cancelLine},
		{command: "steps STEPSID", code: 1},
		{command: "next STEPSID", code: 1},
		{command: "show STEPSID"},
		{command: "steps STEPSID --reset"},
		{command: "send -", input: eventLine("4", "trustedPhone") + eventLine("5", "deviceActivation") + eventLine("6", "mediumCarKey")},
		{command: "next STEPSID"},
		{command: "next STEPSID -o json"},
		{command: "steps --association 1 --reset"},

		{command: "show 17", code: 1},
		{command: "steps 17 --reset", code: 1},
		{command: "history 17", code: 1},
		{command: "steps --vin VF3", code: 1},
		{command: "steps --association " + strings.Repeat("9", 300), code: 1},
		{command: "steps STEPSID --user alice", code: 1},
		{command: "steps STEPSID --device phone-2 --reset", code: 1},
		{command: "show STEPSID --user alice --device phone-2"},
		{command: "next STEPSID --device phone-2", code: 1},
	})

	// The comparison can fail: the two sides are not one.
	require.NotEqual(t, far.id, near.id)
	require.NotEqual(t, far.ask("show STEPSID", "").Out, near.ask("show STEPSID", "").Out)
}

// TestListAllPages: a list goes on over all pages, or stops at its limit.
func TestListAllPages(t *testing.T) {
	far, near := sides(t, "")
	const many = 2300
	for _, s := range []*side{far, near} {
		create(t, s, many)
		for limit, want := range map[int]int{0: many, 1: 1, 999: 999, 1000: 1000, 1001: 1001, 2000: 2000, 2300: many, 3000: many} {
			gave := s.ask(fmt.Sprint("list -o jsonl --limit ", limit), "")
			require.Zero(t, gave.Code, gave.Err)
			require.Equal(t, want, strings.Count(gave.Out, "\n"), "limit %d", limit)
		}
		var found []struct{ StepsID steps.ID }
		require.NoError(t, json.Unmarshal([]byte(s.ask("list -o json", "").Out), &found))
		ids := make(map[steps.ID]bool)
		for _, a := range found {
			ids[a.StepsID] = true
		}
		require.Len(t, ids, many)
	}
}

// place returns where the store of a side lies.
func (s *side) place(t *testing.T) (p place) {
	t.Helper()
	require.NoError(t, p.UnmarshalText([]byte(s.flags[1])))
	return p
}

// client returns a client of a side.
func (s *side) client(t *testing.T) client.Client {
	t.Helper()
	to := target{Server: s.flags[1], Timeout: patience}
	var cl client.Client
	var err error
	if s.flags[0] == "--store" {
		to.Store = s.place(t)
		if len(s.flags) > 2 {
			to.Plans = s.flags[3]
		}
		cl, err = to.openStore(steps.Caller{User: "dev", Device: "dev", Rights: steps.AllRights, Channel: "cli"})
	} else {
		cl, err = to.askServer(client.Identity{User: "dev", Device: "dev"})
	}
	require.NoError(t, err)
	return cl
}

// create makes activations on a side.
func create(t *testing.T, s *side, many int) {
	t.Helper()
	cl := s.client(t)
	var workers sync.WaitGroup
	for w := range 16 {
		workers.Go(func() {
			for i := w; i < many; i += 16 {
				if _, err := cl.Steps(t.Context(), engine.StepsRequest{CarAssociationID: fmt.Sprint(i)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	workers.Wait()
	require.NoError(t, cl.Close())
}

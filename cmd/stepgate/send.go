package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/client"
)

type sendCmd struct {
	File string `arg:"" help:"The events: CloudEvents in JSON, one a line; - reads them from standard input."`

	connection
}

// Help implements kong.HelpProvider.
func (sendCmd) Help() string {
	return `Prints the verdicts, one a line, in the order of the events, and a summary on standard error. An event that was sent before gets the verdict that it got then, so that a file may be sent again.

A line that is no event and an event that fails are named on standard error; the others go on.

Examples:

    stepgate send events.ndjson > verdicts.ndjson
    echo '{"specversion":"1.0","source":"sms","id":"e-1","type":"stepgate.step.completed.v1","subject":"STEPSID","data":{"step":"trustedPhone"}}' | stepgate send -`
}

// Run implements the command.
func (c *sendCmd) Run(a *app, chosen sources) error {
	in, size, err := openInput(a, c.File)
	if err != nil {
		return err
	}
	defer in.Close()
	return c.with(chosen, func(ctx context.Context, cl client.Client) error {
		s := newSender(a, cl, in, size)
		err := s.sendAll(ctx)
		s.finish()
		if err == nil && s.refused+s.failed > 0 {
			return errQuiet(exitRefused)
		}
		return err
	})
}

// openInput opens a file, or standard input for "-". The size is -1 where it is
// not known.
func openInput(a *app, name string) (in io.ReadCloser, size int64, err error) {
	if name == "-" {
		if isTerminal(a.in) {
			fmt.Fprintln(a.err, "type events, one a line; Ctrl-D ends")
		}
		return io.NopCloser(a.in), -1, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, 0, fail(exitUsage, `name a file of events, or "-" for standard input`, "%w", err)
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return file, -1, nil
	}
	return file, info.Size(), nil
}

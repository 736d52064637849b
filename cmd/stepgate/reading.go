package main

import (
	"errors"
	"io"
	"sync/atomic"

	"github.com/stepgate/stepgate/engine/handler"
	"github.com/stepgate/stepgate/steps"
)

// reading is a line of a file of events: an event, or why it is none.
type reading struct {
	line  int // from 1
	event steps.Event
	err   error
	last  bool // nothing can be read behind it
}

// readAhead reads events before somebody takes them. The channel is closed
// behind the last one.
func readAhead(r io.Reader) <-chan reading {
	read := make(chan reading, maxBatch)
	go func() {
		defer close(read)
		events := handler.NewReader(r)
		for {
			ev, err := events.Read()
			if err == io.EOF {
				return
			}
			_, goesOn := errors.AsType[*steps.Error](err)
			last := err != nil && !goesOn
			read <- reading{line: events.Line(), event: ev, err: err, last: last}
			if last {
				return
			}
		}
	}()
	return read
}

// counter counts the bytes that are read through it.
type counter struct {
	io.Reader
	bytes atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.bytes.Add(int64(n))
	return n, err
}

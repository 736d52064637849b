package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/stepgate/stepgate/engine/handler"
	"github.com/stepgate/stepgate/steps"
)

// connection sends events over one connection that is kept alive. It does as
// little as HTTP allows, since it shares the processors with what is measured.
type connection struct {
	net.Conn
	in    *bufio.Reader
	rand  *rand.Rand
	times histogram

	event, request, answer []byte // kept from one to the next
}

func dial(address string) (*connection, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &connection{Conn: conn, in: bufio.NewReader(conn), rand: newRand()}, nil
}

// complete sends an event for each step of an activation.
func (c *connection) complete(id steps.ID, plan steps.Plan) error {
	who := newIdentity(c.rand, len(plan.Steps))
	for i, step := range plan.Steps {
		event := steps.Completion(steps.EventID(sources[i%len(sources)], who.events[i]), id, step.Name)
		event.Time = time.Now()
		if err := c.tell(&event); err != nil {
			return fmt.Errorf("POST /v1/events: %w", err)
		}
	}
	return nil
}

// tell sends an event, and returns an error unless the answer is that it was
// applied.
func (c *connection) tell(event *steps.Event) error {
	var err error
	if c.event, err = handler.Append(c.event[:0], event); err != nil {
		return err
	}
	c.request = append(c.request[:0], "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: "+handler.Structured+"\r\nContent-Length: "...)
	c.request = strconv.AppendInt(c.request, int64(len(c.event)), 10)
	c.request = append(append(c.request, "\r\n\r\n"...), c.event...)
	began := time.Now()
	if _, err := c.Write(c.request); err != nil {
		return err
	}
	if err := c.read(); err != nil {
		return err
	}
	c.times.add(time.Since(began))
	if !bytes.HasPrefix(c.answer, []byte("HTTP/1.1 200 ")) || !bytes.Contains(c.answer, []byte(`"outcome":"applied"`)) {
		return fmt.Errorf("the answer is %s", c.answer)
	}
	return nil
}

// read reads an answer, whose length must stand in it.
func (c *connection) read() error {
	c.answer = c.answer[:0]
	length := 0
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		c.answer = append(c.answer, line...)
		if len(line) == len("\r\n") {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
	}
	head := len(c.answer)
	c.answer = slices.Grow(c.answer, length)[:head+length]
	_, err := io.ReadFull(c.in, c.answer[head:])
	return err
}

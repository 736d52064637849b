package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"

	"github.com/stepgate/stepgate/steps"
)

// connection sends events over one connection that is kept alive. It does as
// little as HTTP allows, since the client shares the processors with what is
// measured.
type connection struct {
	net.Conn
	in    *bufio.Reader
	plan  steps.Plan
	rand  *rand.Rand
	times histogram

	waiting       []steps.ID // activations whose steps are to be completed
	perActivation int        // 0: the handler knows no activations

	request, body, answer []byte
}

func dial(address string, plan steps.Plan) (*connection, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &connection{Conn: conn, in: bufio.NewReader(conn), plan: plan, rand: newRand()}, nil
}

// post sends the body as an event, and returns an error unless it was applied.
func (c *connection) post() error {
	c.request = append(c.request[:0], "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/cloudevents+json\r\nContent-Length: "...)
	c.request = strconv.AppendInt(c.request, int64(len(c.body)), 10)
	c.request = append(append(c.request, "\r\n\r\n"...), c.body...)
	if _, err := c.Write(c.request); err != nil {
		return err
	}
	status, length, err := c.readHead()
	if err != nil {
		return err
	}
	c.answer = append(c.answer[:0], make([]byte, length)...)
	if _, err := io.ReadFull(c.in, c.answer); err != nil {
		return err
	}
	if status != "200" || !bytes.Contains(c.answer, []byte(`"outcome":"applied"`)) {
		return fmt.Errorf("%s: %s", status, c.answer)
	}
	return nil
}

// readHead reads the status line and the headers of an answer.
func (c *connection) readHead() (status string, length int, err error) {
	for first := true; ; first = false {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return "", 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case first && len(line) >= len("HTTP/1.1 200"):
			status = string(line[len("HTTP/1.1 "):len("HTTP/1.1 200")])
		case len(line) == 0:
			return status, length, nil
		default:
			if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
				if length, err = strconv.Atoi(string(value)); err != nil {
					return "", 0, err
				}
			}
		}
	}
}

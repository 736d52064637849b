package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/client"
	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/handler"
	"github.com/stepgate/stepgate/steps"
)

// halfSent is a request of which the server has a part.
type halfSent struct {
	conn net.Conn
	rest string
}

// sendHalf sends the first part of a request that tells an event.
func sendHalf(t *testing.T, s *server) *halfSent {
	t.Helper()
	a, err := s.client.Steps(t.Context(), engine.StepsRequest{CarAssociationID: "1"})
	require.NoError(t, err)
	ev := steps.Completion(steps.EventID("shutdown", "1"), a.StepsID, steps.TrustedPhone)
	body, err := handler.Append(nil, &ev)
	require.NoError(t, err)
	conn, err := net.Dial("tcp", s.address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	// The server asks for the rest once it has read the head: then it is in flight.
	_, err = fmt.Fprintf(conn, "POST /v1/events HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		s.address, handler.Structured, len(body))
	require.NoError(t, err)
	line := make([]byte, len("HTTP/1.1 100 Continue\r\n\r\n"))
	_, err = io.ReadFull(conn, line)
	require.NoError(t, err)
	require.Contains(t, string(line), "100 Continue")
	return &halfSent{conn: conn, rest: string(body)}
}

// awaitLog waits until the server has logged a text.
func awaitLog(t *testing.T, s *server, text string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(s.errs.String(), text) }, patience, time.Millisecond)
}

// finishesInFlight: a request whose head has arrived gets its answer, though
// nobody new gets in.
func finishesInFlight(t *testing.T, program string) {
	dir := t.TempDir()
	s := startServer(t, dir, program, "serve")
	request := sendHalf(t, s)
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM))
	awaitLog(t, s, "stopping")
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", s.address)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	}, patience, time.Millisecond)

	_, err := io.WriteString(request.conn, request.rest)
	require.NoError(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(request.conn), nil)
	require.NoError(t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Contains(t, string(answer), `"outcome":"applied"`)
	require.NoError(t, s.cmd.Wait(), s.errs.String())

	again, err := startServer(t, dir, program, "serve").client.List(t.Context(), client.Query{})
	require.NoError(t, err)
	require.Equal(t, steps.State(steps.DeviceActivation), again.Activations[0].State)
}

// endsAtOnce: whoever does not want to wait for what is in flight need not.
func endsAtOnce(t *testing.T, program string) {
	s := startServer(t, t.TempDir(), program, "serve")
	sendHalf(t, s)
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM))
	awaitLog(t, s, "stopping")
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM))
	require.EqualError(t, s.cmd.Wait(), "signal: terminated")
}

// outlivesItsReader: a server goes on when whoever reads its output leaves.
func outlivesItsReader(t *testing.T, program string) {
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	cmd := exec.Command(program, "serve", "--listen", "127.0.0.1:0", "--store", "memory:")
	cmd.Stderr = writer
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	require.NoError(t, writer.Close())
	require.NoError(t, reader.Close())
	_, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, out.Close())

	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM)) // which it logs
	require.NoError(t, cmd.Wait())
}

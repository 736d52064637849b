package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/client"
)

// server is the real program, serving on a free port.
type server struct {
	client client.Client
	cmd    *exec.Cmd
	errs   *bytes.Buffer // what it logged; to be read once it ended
}

// startServer starts a command in a directory and waits until it serves.
func startServer(t *testing.T, dir string, command ...string) *server {
	t.Helper()
	s := &server{errs: new(bytes.Buffer)}
	s.cmd = exec.Command(command[0], append(command[1:], "--listen", "127.0.0.1:0")...)
	s.cmd.Dir = dir
	s.cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	s.cmd.Stderr = s.errs
	out, err := s.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, s.cmd.Start())
	t.Cleanup(func() {
		if s.cmd.ProcessState == nil {
			_ = s.cmd.Process.Kill()
			_ = s.cmd.Wait()
		}
	})
	first, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = s.cmd.Wait()
	}
	require.NoError(t, err, s.errs)
	go func() { _, _ = io.Copy(io.Discard, out) }()
	url := serverPattern.FindString(first)
	require.NotEmpty(t, url, first)
	s.client, err = client.OfServer(url, client.Identity{User: "dev", Device: "dev"}, &http.Client{Timeout: patience})
	require.NoError(t, err)
	return s
}

// end ends the server by a signal. Asked to terminate, it must do so without
// an error.
func (s *server) end(t *testing.T, signal syscall.Signal) {
	t.Helper()
	require.NoError(t, s.cmd.Process.Signal(signal))
	err := s.cmd.Wait()
	if signal == syscall.SIGTERM {
		require.NoError(t, err, s.errs)
	} else {
		require.EqualError(t, err, "signal: killed")
	}
}

package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/client"
)

// server is the real program, serving on a free port.
type server struct {
	address string
	client  client.Client
	cmd     *exec.Cmd
	errs    serverLog
}

// serverLog is what a server has logged so far.
type serverLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *serverLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *serverLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// startServer starts a command in a directory and waits until it serves.
func startServer(t *testing.T, dir string, command ...string) *server {
	t.Helper()
	s := new(server)
	s.cmd = exec.Command(command[0], append(command[1:], "--listen", "127.0.0.1:0")...)
	s.cmd.Dir = dir
	s.cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	s.cmd.Stderr = &s.errs
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
	require.NoError(t, err, s.errs.String())
	go func() { _, _ = io.Copy(io.Discard, out) }()
	url := serverPattern.FindString(first)
	require.NotEmpty(t, url, first)
	s.address = strings.TrimPrefix(url, "http://")
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
		require.NoError(t, err, s.errs.String())
	} else {
		require.EqualError(t, err, "signal: killed")
	}
}

// putAssociation declares an association of the user dev.
func (s *server) putAssociation(id, vin string) error {
	body := fmt.Sprintf(`{"user":"dev","service":"vehicleStatus","vin":%q}`, vin)
	req, err := http.NewRequest(http.MethodPut, "http://"+s.address+"/v1/associations/"+id, strings.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s (%v)", resp.Status, text, err)
	}
	return nil
}

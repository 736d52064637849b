package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// terminal runs the commands of a page: the real program, in an empty
// directory, its server on a free port.
type terminal struct {
	t       *testing.T
	dir     string
	path    string            // of commands
	address string            // of the server, once it runs
	ids     map[string]string // of the page's stepsIDs, the real ones
	vars    []string          // that the page has set
}

// What a page says, and what stands for it in a test.
const (
	pageProgram = "go run ./cmd/stepgate"
	pageAddress = "127.0.0.1:8080"
	pageDir     = "/home/ann/stepgate"
)

// patience is how long a command may take that should take no time.
const patience = time.Minute

// buildProgram builds the program and returns its directory. The name of the
// directory makes the program speak of itself as "go run" does.
func buildProgram(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "go-build")
	build := exec.Command("go", "build", "-o", filepath.Join(bin, "stepgate"), ".")
	build.Stderr = t.Output()
	require.NoError(t, build.Run())
	return bin
}

func newTerminal(t *testing.T, program string) *terminal {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	return &terminal{t: t, dir: dir, path: program + ":" + os.Getenv("PATH"), ids: make(map[string]string)}
}

// run runs every command of a page, in order.
func (term *terminal) run(tr transcript) {
	term.t.Helper()
	for _, e := range tr {
		command := strings.ReplaceAll(e.command, pageProgram, "stepgate")
		if term.address != "" {
			command = strings.ReplaceAll(command, pageAddress, term.address)
		}
		for shown, id := range term.ids {
			command = strings.ReplaceAll(command, shown, id)
		}
		switch {
		case e.command == "go test ./...": // which this test is part of
			e.got = e.want
			continue
		case servePattern.MatchString(command) && term.address == "":
			e.got = term.serve(command + " --listen 127.0.0.1:0")
		case variablePattern.MatchString(command):
			term.vars = append(term.vars, variablePattern.FindString(command))
		default:
			e.got = term.output(command)
		}
		term.learn(e)
	}
}

var (
	servePattern    = regexp.MustCompile(`^stepgate serve( --store \S+)?$`)
	variablePattern = regexp.MustCompile(`^[a-z]+=\w+`)
)

// learn pairs the page's stepsIDs with the real ones, by their places, and has
// the answer show the page's.
func (term *terminal) learn(e *exchange) {
	shown := stepsIDPattern.FindAllString(strings.Join(e.want, "\n"), -1)
	printed := stepsIDPattern.FindAllString(strings.Join(e.got, "\n"), -1)
	for i := range min(len(shown), len(printed)) {
		if term.ids[shown[i]] == "" {
			term.ids[shown[i]] = printed[i]
		}
	}
	for i := range e.got {
		for shown, id := range term.ids {
			e.got[i] = strings.ReplaceAll(e.got[i], id, shown)
		}
	}
}

var stepsIDPattern = regexp.MustCompile(`\b\d{15,16}\b`)

func (term *terminal) command(line string) *exec.Cmd {
	cmd := exec.Command("bash", "-c", line)
	cmd.Dir = term.dir
	cmd.Env = []string{"PATH=" + term.path, "HOME=" + term.dir, "TZ=UTC", "STEPGATE_SERVER=http://" + term.address}
	cmd.Env = append(cmd.Env, term.vars...)
	return cmd
}

// output returns what a command prints, as the page would show it.
func (term *terminal) output(line string) []string {
	term.t.Helper()
	cmd := term.command(line)
	timer := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	out, err := cmd.CombinedOutput()
	if _, failed := errors.AsType[*exec.ExitError](err); err != nil && !failed {
		require.NoError(term.t, err, line)
	}
	return term.shown(string(out))
}

// serve starts the server, and returns the lines that it prints.
func (term *terminal) serve(line string) []string {
	term.t.Helper()
	cmd := term.command("exec " + line)
	out, err := cmd.StdoutPipe()
	require.NoError(term.t, err)
	var log serverLog
	cmd.Stderr = &log
	require.NoError(term.t, cmd.Start())
	term.t.Cleanup(func() {
		require.NoError(term.t, cmd.Process.Signal(syscall.SIGTERM))
		_, _ = io.Copy(io.Discard, out)
		require.NoError(term.t, cmd.Wait(), log.String())
	})

	timer := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	var text strings.Builder
	scanner := bufio.NewScanner(out)
	for range greetingLines {
		require.True(term.t, scanner.Scan(), "the server ended: %s", log.String())
		text.WriteString(scanner.Text() + "\n")
	}
	term.address = addressPattern.FindString(text.String())
	require.NotEmpty(term.t, term.address, "the server says where it listens: %q", text.String())
	return term.shown(text.String())
}

var addressPattern = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// shown returns the lines of a text as a page shows them.
func (term *terminal) shown(text string) []string {
	text = strings.ReplaceAll(text, term.dir, pageDir)
	if term.address != "" {
		text = strings.ReplaceAll(text, term.address, pageAddress)
		text = strings.ReplaceAll(text, " --server http://"+pageAddress, "") // which is the default
	}
	if text = strings.TrimSuffix(text, "\n"); text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

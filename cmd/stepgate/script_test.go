package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stepgate/stepgate/engine/handler"
	"github.com/stepgate/stepgate/steps"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"stepgate": main})
}

// TestScripts runs the program as its users do. Besides the commands of
// testscript there are:
//
//	exits CODE PROGRAM ARGS…   run a program, which must end with an exit code
//	serve NAME ARGS…           start a server on a free port; $NAME is its URL, NAME.out and NAME.err what it prints
//	stop NAME                  send it SIGTERM; it must end with exit code 0
//	find VARIABLE PATTERN FILE set a variable to what the pattern's group matches
//	same FILE FILE…            files must be the same but for times, IDs and hashes
//	event FILE STEPSID ID STEP write the event that a step was completed
//	http METHOD URL [BODY [TOKEN]]  print the status and the body of an answer
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Values[serversKey{}] = make(map[string]*exec.Cmd)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": scriptExits,
			"serve": scriptServe,
			"stop":  scriptStop,
			"find":  scriptFind,
			"same":  scriptSame,
			"event": scriptEvent,
			"http":  scriptHTTP,
		},
	})
}

type serversKey struct{}

func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, not %d", got, want)
	}
}

func scriptServe(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: serve NAME ARGS…")
	}
	name := args[0]
	cmd := exec.Command("stepgate", append([]string{"serve", "--listen", "127.0.0.1:0"}, args[1:]...)...)
	cmd.Dir = ts.MkAbs(".")
	for _, variable := range []string{"PATH", "HOME"} {
		if value := ts.Getenv(variable); value != "" {
			cmd.Env = append(cmd.Env, variable+"="+value)
		}
	}
	out, err := os.Create(ts.MkAbs(name + ".out"))
	ts.Check(err)
	errs, err := os.Create(ts.MkAbs(name + ".err"))
	ts.Check(err)
	cmd.Stderr = errs
	stdout, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Value(serversKey{}).(map[string]*exec.Cmd)[name] = cmd
	ts.Defer(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})

	lines := bufio.NewScanner(stdout)
	for range greetingLines {
		if !lines.Scan() {
			ts.Fatalf("the server ended: %s", ts.ReadFile(name+".err"))
		}
		_, err := out.WriteString(lines.Text() + "\n")
		ts.Check(err)
	}
	ts.Check(out.Close())
	ts.Setenv(name, serverPattern.FindString(ts.ReadFile(name+".out")))
}

// greetingLines is how many lines a server prints before it is ready.
const greetingLines = 6

var serverPattern = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

func scriptStop(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: stop NAME")
	}
	cmd := ts.Value(serversKey{}).(map[string]*exec.Cmd)[args[0]]
	ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	if err := cmd.Wait(); err != nil {
		ts.Fatalf("the server: %v: %s", err, ts.ReadFile(args[0]+".err"))
	}
}

func scriptFind(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: find VARIABLE PATTERN FILE")
	}
	pattern, err := regexp.Compile(args[1])
	ts.Check(err)
	found := pattern.FindStringSubmatch(ts.ReadFile(args[2]))
	if len(found) != 2 {
		ts.Fatalf("%s does not match %s", args[2], args[1])
	}
	ts.Setenv(args[0], found[1])
}

// volatile is what differs from run to run, and what stands for it.
var volatile = regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+Z|\b\d{12,16}\b|"?\b[0-9a-f]{32}\b"?|\d+\.\d s \(\d+/s\)`)

func scriptSame(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: same FILE FILE…")
	}
	steady := func(name string) string { return volatile.ReplaceAllString(ts.ReadFile(name), "…") }
	first := steady(args[0])
	for _, name := range args[1:] {
		if text := steady(name); (text == first) == neg {
			ts.Fatalf("%s:\n%s\n%s:\n%s", args[0], first, name, text)
		}
	}
	if strings.TrimSpace(first) == "" && !neg {
		ts.Fatalf("nothing to compare")
	}
}

func scriptEvent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: event FILE STEPSID ID STEP")
	}
	id, err := steps.ParseID(args[1])
	ts.Check(err)
	ev := steps.Completion(steps.EventID("test", args[2]), id, args[3])
	text, err := handler.Append(nil, &ev)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), append(text, '\n'), 0o600))
}

func scriptHTTP(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: http METHOD URL [BODY [TOKEN]]")
	}
	var body io.Reader
	if len(args) > 2 {
		body = strings.NewReader(ts.ReadFile(args[2]))
	}
	req, err := http.NewRequest(args[0], args[1], body)
	ts.Check(err)
	req.Header.Set("Content-Type", "application/json")
	if len(args) > 3 {
		req.Header.Set("Authorization", "Bearer "+args[3])
	}
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d %s", resp.StatusCode, text)
}

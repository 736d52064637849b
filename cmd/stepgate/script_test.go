package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"stepgate": main})
}

// TestScripts runs the program as its users do. Besides the commands of
// testscript there are:
//
//	exits CODE PROGRAM ARGS…   run a program, which must end with an exit code
//	serve NAME ARGS…           start a server on a free port; $NAME is its URL, NAME.out and NAME.err what it prints
//	terminate NAME             send it SIGTERM; it must end with exit code 0
//	crash NAME                 send it SIGKILL
//	find VARIABLE PATTERN FILE set a variable to what the pattern's group matches
//	same FILE FILE…            files must be the same but for times, IDs and hashes
//	event FILE STEPSID ID STEP [failed]  write the event that a step was completed, or failed
//	http METHOD URL [BODY [TOKEN]]  print the status and the body of an answer
//	await PATTERN PROGRAM ARGS…  run a program until its output matches
//	answer NAME FILE           start a server that answers with a file; $NAME is its URL, NAME.asked what it is asked
//	mute NAME                  start a server that never answers; $NAME is its URL
//	fill DIR N                 create activations in a store
//	tamper DIR STEPSID HOW     change a store that was killed, as nobody should
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
			"exits":     scriptExits,
			"serve":     scriptServe,
			"terminate": scriptTerminate,
			"find":      scriptFind,
			"same":      scriptSame,
			"event":     scriptEvent,
			"http":      scriptHTTP,

			"await":  scriptAwait,
			"answer": scriptAnswer,
			"mute":   scriptMute,
			"fill":   scriptFill,
			"tamper": scriptTamper,
			"crash":  scriptCrash,
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
	for _, variable := range []string{"PATH", "HOME", "PHONES_SECRET"} {
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

func scriptTerminate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: terminate NAME")
	}
	cmd := ts.Value(serversKey{}).(map[string]*exec.Cmd)[args[0]]
	ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	if err := cmd.Wait(); err != nil {
		ts.Fatalf("the server: %v: %s", err, ts.ReadFile(args[0]+".err"))
	}
}

func scriptCrash(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: crash NAME")
	}
	cmd := ts.Value(serversKey{}).(map[string]*exec.Cmd)[args[0]]
	ts.Check(cmd.Process.Kill())
	_ = cmd.Wait() // which says that it was killed
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
var volatile = regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+Z|\b\d{12,16}\b|"?\b(?:[0-9a-f]{32}|[A-Z2-7]{26})\b"?|\d+\.\d s \(\d+/s\)`)

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

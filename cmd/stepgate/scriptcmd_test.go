package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/handler"
	"github.com/stepgate/stepgate/steps"
)

// scriptEvent writes an event that a step was completed, or failed.
func scriptEvent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 || len(args) > 5 {
		ts.Fatalf("usage: event FILE STEPSID ID STEP [failed]")
	}
	id, err := steps.ParseID(args[1])
	ts.Check(err)
	ev := steps.Completion(steps.EventID("test", args[2]), id, args[3])
	if len(args) == 5 {
		ev.Kind = steps.Failed
	}
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

// scriptAwait runs a program again and again until its output matches.
func scriptAwait(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: await PATTERN PROGRAM ARGS…")
	}
	pattern, err := regexp.Compile(args[0])
	ts.Check(err)
	for deadline := time.Now().Add(patience); ; {
		cmd := exec.Command(args[1], args[2:]...)
		cmd.Dir = ts.MkAbs(".")
		cmd.Env = []string{"PATH=" + ts.Getenv("PATH"), "HOME=" + ts.Getenv("HOME")}
		out, err := cmd.CombinedOutput()
		switch {
		case pattern.Match(out):
			return
		case time.Now().After(deadline):
			ts.Fatalf("%s never matched: %s (%v)", args[0], out, err)
		}
	}
}

// scriptAnswer starts a server that answers every request with a text, as a
// checker does, and writes what it is asked into NAME.asked.
func scriptAnswer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: answer NAME FILE")
	}
	asked, err := os.Create(ts.MkAbs(args[0] + ".asked"))
	ts.Check(err)
	path := ts.MkAbs(args[1])
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(asked, "%s %s\n", r.Header.Get("Authorization"), body)
		text, err := os.ReadFile(path)
		if err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = w.Write(text)
	}))
	ts.Defer(func() {
		server.Close()
		ts.Check(asked.Close())
	})
	ts.Setenv(args[0], server.URL)
}

// scriptMute starts a server that takes connections and never answers.
func scriptMute(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: mute NAME")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") // the system takes connections by itself
	ts.Check(err)
	ts.Defer(func() { _ = listener.Close() })
	ts.Setenv(args[0], "http://"+listener.Addr().String())
}

// scriptFill creates activations in a store, each of a user of its own.
func scriptFill(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fill DIR N")
	}
	many, err := strconv.Atoi(args[1])
	ts.Check(err)
	l, err := openLocal(place{dir: ts.MkAbs(args[0])}, "", "", true)
	ts.Check(err)
	for i := range many {
		caller := steps.Caller{User: fmt.Sprint("user-", i), Device: "phone", Rights: steps.Ask}
		_, err := l.Steps(context.Background(), caller, engine.StepsRequest{CarAssociationID: fmt.Sprint(i)})
		ts.Check(err)
	}
	ts.Check(l.Close())
}

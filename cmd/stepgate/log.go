package main

import (
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"
)

// newLog returns a log: text on a terminal, JSON anywhere else. The level is
// one that --log-level takes.
func newLog(w io.Writer, level string) *slog.Logger {
	var from slog.Level
	_ = from.UnmarshalText([]byte(level)) // a flag that was checked
	opts := &slog.HandlerOptions{Level: from}
	if isTerminal(w) {
		return slog.New(slog.NewTextHandler(w, opts))
	}
	return slog.New(slog.NewJSONHandler(w, opts))
}

// isTerminal reports whether a reader or writer is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

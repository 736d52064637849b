package main

import (
	"bufio"
	"fmt"
	"strings"
)

// confirm asks a person whether to do what cannot be undone. Its error ends the
// command: the answer was no, or nobody can be asked.
func (a *app) confirm(what string) error {
	if !isTerminal(a.in) {
		return fail(exitUsage, "give --yes to do it without being asked", "%s: there is no terminal to ask on", what)
	}
	fmt.Fprintf(a.err, "%s? [y/N] ", what)
	line, _ := bufio.NewReader(a.in).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return nil
	}
	fmt.Fprintln(a.err, "nothing was done")
	return errQuiet(exitRefused)
}

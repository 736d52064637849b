package main

import (
	"fmt"
	"strings"
)

// cli is the command line.
type cli struct {
	Config string `env:"STEPGATE_CONFIG" placeholder:"FILE" help:"Read settings from this YAML file (default: stepgate.yaml, where there is one)."`

	Serve    serveCmd    `cmd:"" help:"Serve activations over HTTP."`
	Steps    stepsCmd    `cmd:"" help:"Show the list of steps; the first time, this creates the activation."`
	Next     nextCmd     `cmd:"" help:"Show the next step to do."`
	Send     sendCmd     `cmd:"" help:"Send events, and show their verdicts."`
	Show     showCmd     `cmd:"" help:"Show all of an activation."`
	History  historyCmd  `cmd:"" help:"Show all that happened to an activation."`
	Explain  explainCmd  `cmd:"" help:"Say what blocks an activation, and what to do; or what an error code means."`
	List     listCmd     `cmd:"" help:"List activations."`
	Override overrideCmd `cmd:"" help:"Declare a step done."`
	Revoke   revokeCmd   `cmd:"" help:"Take the proof of a step away."`
	Unlock   unlockCmd   `cmd:"" help:"Give failure budgets back."`
	Cancel   cancelCmd   `cmd:"" help:"Call an activation off."`
	Erase    eraseCmd    `cmd:"" help:"Erase everything of a user."`
	Verify   verifyCmd   `cmd:"" help:"Verify that every history is as it was written."`
	Plan     planCmd     `cmd:"" help:"The plans of the services."`
	Bench    benchCmd    `cmd:"" help:"Measure the engine beside the disk's own limit."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
}

const description = `Stepgate keeps service activations: ordered security steps, one durable state machine each.

Begin with "stepgate serve", and in another terminal "stepgate steps --association 987654".`

// settingsHelp stands below the commands in --help.
func settingsHelp() string {
	var b strings.Builder
	b.WriteString("\nSettings come from flags, else from STEPGATE_* variables, else from stepgate.yaml\n" +
		"(or --config FILE), whose keys are the flags' names; below a command's name they\n" +
		"are for that command alone.\n\nExit codes:\n")
	for code, meaning := range exits {
		fmt.Fprintf(&b, "  %d  %s\n", code, meaning)
	}
	return b.String()
}

// Command stepgate serves activations and asks about them.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// app is what every command is given: where it reads and writes.
type app struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// run runs a command line and returns its exit code.
func run(args []string, in io.Reader, out, errs io.Writer) (code int) {
	defer func() {
		if fault := recover(); fault != nil {
			fmt.Fprintf(errs, "stepgate: internal fault: %v: report it, with the command\n", fault)
			code = exitFault
		}
	}()
	a := &app{in: in, out: out, err: errs}
	done := -1 // the exit code, once kong has printed help
	parser := kong.Must(
		&cli{},
		kong.Name("stepgate"),
		kong.Description(description),
		kong.Writers(out, errs),
		kong.Exit(func(code int) { done = code }),
		kong.Help(help),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, WrapUpperBound: 100}),
		kong.Bind(a),
	)
	if len(args) == 0 {
		args = []string{"--help"}
	}
	ctx, err := parser.Parse(args)
	if done >= 0 {
		return done
	}
	if err == nil {
		err = ctx.Run(sources{ctx})
	}
	if _, quiet := errors.AsType[errQuiet](err); err != nil && !quiet {
		fmt.Fprintln(errs, "stepgate: "+explain(err))
	}
	return exitOf(err)
}

// help is kong's, and on the first page what is true of all commands.
func help(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	if ctx.Selected() == nil {
		_, err := io.WriteString(ctx.Stdout, settingsHelp())
		return err
	}
	return nil
}

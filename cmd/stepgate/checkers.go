package main

import (
	"context"
	"maps"
	"os"
	"slices"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/httpcheck"
	"github.com/stepgate/stepgate/engine/planfile"
	"github.com/stepgate/stepgate/steps"
)

// checkers are those that a plan file declares.
type checkers struct {
	byName  map[string]checker
	lacking error // what one of them lacks to be asked, or nil
}

type checker interface {
	engine.Checker
	engine.Eligibility
	CloseIdleConnections()
}

// newCheckers makes the checkers of a plan file that was read from a path. Their
// tokens come from the environment, and no message shows them.
func newCheckers(path string, file planfile.File) (checkers, error) {
	made := checkers{byName: make(map[string]checker, len(file.Checkers))}
	for _, name := range slices.Sorted(maps.Keys(file.Checkers)) {
		declared := file.Checkers[name]
		token := os.Getenv(declared.TokenEnv)
		if declared.TokenEnv != "" && token == "" {
			made.lacking = fail(exitUsage, "put the token into it, or strike tokenEnv out",
				"%s: the checker %s: the variable that tokenEnv names is not set", path, name)
			made.byName[name] = unarmed{made.lacking}
			continue
		}
		c, err := httpcheck.New(httpcheck.Options{
			URL:             declared.URL,
			Token:           token,
			Timeout:         declared.Timeout,
			Retries:         retries(declared.Retries),
			BreakerFailures: declared.BreakerFailures,
			BreakerOpen:     declared.BreakerOpen,
		})
		if err != nil {
			return made, fail(exitUsage, "mend the file", "%s: the checker %s: %w", path, name, err)
		}
		made.byName[name] = c
	}
	return made, nil
}

// retries returns a number of retries as package httpcheck has it, which takes
// 0 for its default and -1 for none.
func retries(n int) int {
	if n == 0 {
		return -1
	}
	return n
}

// bySteps are the checkers as the engine calls them for steps.
func (c *checkers) bySteps() map[string]engine.Checker {
	all := make(map[string]engine.Checker, len(c.byName))
	for name, checker := range c.byName {
		all[name] = checker
	}
	return all
}

// eligibility asks the checker that a plan file names for a service, where it
// names one.
func (c *checkers) eligibility(file planfile.File) engine.Eligibility {
	return engine.EligibilityFunc(func(ctx context.Context, a steps.Association) (why string, err error) {
		if checker := c.byName[file.Eligibility[a.Service]]; checker != nil {
			return checker.Eligible(ctx, a)
		}
		return "", nil
	})
}

func (c *checkers) close() {
	for _, checker := range c.byName {
		checker.CloseIdleConnections()
	}
}

// unarmed is a checker that lacks its token. A command that asks nobody does
// without.
type unarmed struct{ err error }

func (u unarmed) Check(context.Context, steps.Subject) (engine.Check, error) {
	return engine.Check{}, u.err
}

func (u unarmed) Eligible(context.Context, steps.Association) (string, error) { return "", u.err }

func (u unarmed) CloseIdleConnections() {}

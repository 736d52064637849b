package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/engine/planfile"
	"github.com/stepgate/stepgate/steps"
)

type planCheckCmd struct {
	File string `arg:"" help:"The plan file."`

	output
}

// Help implements kong.HelpProvider.
func (planCheckCmd) Help() string {
	return `Prints every fault of a plan file, each with its line and column, and asks nobody.

Example:

    stepgate plan check plans.yaml`
}

// Run implements the command.
func (c *planCheckCmd) Run(a *app) error {
	file, err := loadPlans(c.File)
	faults, faulty := errors.AsType[planfile.Faults](err)
	if err != nil && !faulty {
		return err
	}
	shapes := make([]httpapi.FileFault, len(faults))
	for i, f := range faults {
		shapes[i] = httpapi.FileFault{Line: f.Line, Column: f.Column, Path: f.Path, What: f.What}
	}
	err = printList(c.output, a.out, shapes, func() string {
		if faulty {
			return faults.Error() + "\n"
		}
		return fmt.Sprintf("%s has no fault: %s\n", c.File, namePlans(file.Catalog))
	})
	if err == nil && faulty {
		return errQuiet(exitUsage)
	}
	return err
}

// namePlans names the plans of a catalog: "remoteCommands 1, remoteCommands 2".
func namePlans(catalog steps.Catalog) string {
	var names []string
	for _, p := range catalog.Plans() {
		names = append(names, fmt.Sprintf("%s %d", p.Service, p.Version))
	}
	return strings.Join(names, ", ")
}

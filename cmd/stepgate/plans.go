package main

import (
	"errors"

	"github.com/stepgate/stepgate/engine/planfile"
	"github.com/stepgate/stepgate/steps"
)

// loadPlans reads a plan file. "" has the plans of the source text.
func loadPlans(path string) (planfile.File, error) {
	if path == "" {
		return planfile.File{Catalog: steps.Default()}, nil
	}
	file, err := planfile.Load(path)
	if faults, ok := errors.AsType[planfile.Faults](err); ok {
		return file, &failure{code: exitUsage, err: faults}
	}
	if err != nil {
		return file, fail(exitUsage, "name a plan file that can be read", "%w", err)
	}
	return file, nil
}

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/engine/planfile"
	"github.com/stepgate/stepgate/steps"
)

type planCmd struct {
	Show  planShowCmd  `cmd:"" help:"Show what a service requires, and the state machine that this makes."`
	Check planCheckCmd `cmd:"" help:"Find every fault of a plan file."`
	Diff  planDiffCmd  `cmd:"" help:"Show what a plan file would mean for the activations in flight."`
	Apply planApplyCmd `cmd:"" help:"Move the activations in flight to the newest plans."`
}

type planShowCmd struct {
	Service string `arg:"" optional:"" help:"The service; all of them where none is given."`
	Plans   string `env:"STEPGATE_PLANS" placeholder:"FILE" help:"The plan file; without it, the plans of the source text."`
	Output  string `short:"o" aliases:"format" enum:"table,mermaid,dot,json,jsonl,yaml" default:"table" env:"STEPGATE_OUTPUT" placeholder:"FORM" help:"Print ${enum}: yaml is a plan file."`
}

// Help implements kong.HelpProvider.
func (planShowCmd) Help() string {
	return `Examples:

    stepgate plan show
    stepgate plan show -o yaml > plans.yaml
    stepgate plan show remoteCommands --plans plans.yaml
    stepgate plan show remoteCommands -o dot | dot -Tsvg > plan.svg`
}

// plan is a plan as it is printed, with its state machine.
type plan struct {
	httpapi.Plan
	Table []engine.Row `json:"table"`
}

// Run implements the command.
func (c *planShowCmd) Run(a *app) error {
	file, err := loadPlans(c.Plans)
	if err == nil && c.Service != "" {
		file, err = only(file, c.Service)
	}
	if err != nil {
		return err
	}
	switch c.Output {
	case "mermaid":
		return drawAll(a.out, file.Catalog.Plans(), "%%", engine.Mermaid)
	case "dot":
		return drawAll(a.out, file.Catalog.Plans(), "//", engine.Graphviz)
	case "yaml":
		_, err := a.out.Write(planfile.Format(file))
		return err
	}
	plans, err := describe(file.Catalog)
	if err != nil {
		return err
	}
	return printList(output{c.Output}, a.out, plans, func() string { return drawPlans(plans) })
}

// only returns what a plan file declares for one service.
func only(file planfile.File, service string) (planfile.File, error) {
	plans := slices.DeleteFunc(slices.Clone(file.Catalog.Plans()), func(p steps.Plan) bool { return p.Service != service })
	if len(plans) == 0 {
		return file, fail(exitUsage, "stepgate plan show names those that there are", "no plan of service %q", service)
	}
	catalog, err := steps.NewCatalog(plans...)
	if err != nil {
		return file, err
	}
	one := planfile.File{Catalog: catalog, Checkers: make(map[string]planfile.HTTPChecker)}
	asked := []string{file.Eligibility[service]}
	if asked[0] != "" {
		one.Eligibility = map[string]string{service: asked[0]}
	}
	for _, p := range plans {
		for _, s := range p.Steps {
			asked = append(asked, s.Checker)
		}
	}
	for name, checker := range file.Checkers {
		if slices.Contains(asked, name) {
			one.Checkers[name] = checker
		}
	}
	return one, nil
}

func describe(catalog steps.Catalog) ([]plan, error) {
	shapes := httpapi.NewPlans(catalog).Plans
	described := make([]plan, len(shapes))
	for i, p := range catalog.Plans() {
		rows, err := engine.Table(p)
		if err != nil {
			return nil, err
		}
		described[i] = plan{shapes[i], rows}
	}
	return described, nil
}

// drawAll draws plans, each behind a comment that names it, as it stands when
// an activation begins.
func drawAll(w io.Writer, plans []steps.Plan, comment string, draw func(steps.Plan, steps.State) (string, error)) error {
	for _, p := range plans {
		drawn, err := draw(p, steps.State(p.Steps[0].Name))
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s %s, version %d\n%s\n", comment, p.Service, p.Version, strings.TrimRight(drawn, "\n")); err != nil {
			return err
		}
	}
	return nil
}

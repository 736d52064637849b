package steps_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

func TestPlanFaults(t *testing.T) {
	many := make([]steps.Step, steps.MaxSteps+1)
	for i := range many {
		many[i].Name = fmt.Sprint("s", i)
	}
	_, err := steps.NewPlan("service", many[:steps.MaxSteps]...)
	require.NoError(t, err)

	for fault, plan := range map[string]steps.Plan{
		"a service's name":  {Version: 1, Steps: many[:1]},
		"a version":         {Service: "s", Steps: many[:1]},
		"0 steps":           {Service: "s", Version: 1},
		"65 steps":          {Service: "s", Version: 1, Steps: many},
		"a name has":        {Service: "s", Version: 1, Steps: []steps.Step{{Name: "a b"}}},
		"1 to 64 letters":   {Service: "s", Version: 1, Steps: []steps.Step{{Name: strings.Repeat("x", 65)}}},
		`"a" stands twice`:  {Service: "s", Version: 1, Steps: []steps.Step{{Name: "a"}, {Name: "a"}}},
		`"b" stands twice`:  {Service: "s", Version: 1, Steps: []steps.Step{{Name: "a", Aliases: []string{"b"}}, {Name: "b"}}},
		"unknown scope 200": {Service: "s", Version: 1, Steps: []steps.Step{{Name: "a", Scope: 200}}},
	} {
		err := plan.Validate()
		require.ErrorIs(t, err, steps.ErrInvalid)
		require.ErrorContains(t, err, fault)
	}
}

// TestPlanRules changes one rule of a sound plan at a time.
func TestPlanRules(t *testing.T) {
	const instant = time.Microsecond
	sound := func() (steps.Plan, *steps.Step) {
		p := steps.Plan{
			Service: "s", Version: 1, Deadline: time.Hour, Hold: steps.Hold{Limit: steps.MaxTries, TTL: time.Minute},
			Steps: []steps.Step{{
				Name: "a", TTL: time.Hour, Checker: "dealer", Confirm: true,
				Budget: steps.Budget{Tries: steps.MaxTries, Window: time.Hour, Lockout: time.Minute, Lifetime: 1000},
			}},
		}
		return p, &p.Steps[0]
	}
	p, _ := sound()
	require.NoError(t, p.Validate())
	for _, row := range []struct {
		name  string
		spoil func(p *steps.Plan, a *steps.Step)
		fault string
	}{
		{"a short deadline", func(p *steps.Plan, _ *steps.Step) { p.Deadline = instant }, "a deadline"},
		{"a deadline before the beginning", func(p *steps.Plan, _ *steps.Step) { p.Deadline = -time.Hour }, "a deadline"},
		{"a hold of none", func(p *steps.Plan, _ *steps.Step) { p.Hold.Limit = 0 }, "hold: a limit"},
		{"a hold of fewer than none", func(p *steps.Plan, _ *steps.Step) { p.Hold.Limit = -1 }, "hold: a limit"},
		{"a hold of too many", func(p *steps.Plan, _ *steps.Step) { p.Hold.Limit++ }, "hold: a limit"},
		{"a hold for no time", func(p *steps.Plan, _ *steps.Step) { p.Hold.TTL = 0 }, "hold: a time to live"},
		{"a hold for too short a time", func(p *steps.Plan, _ *steps.Step) { p.Hold.TTL = instant }, "hold: a time to live"},
		{"a short time to live", func(_ *steps.Plan, a *steps.Step) { a.TTL = instant }, "a time to live"},
		{"a time to live before the beginning", func(_ *steps.Plan, a *steps.Step) { a.TTL = -time.Hour }, "a time to live"},
		{"fewer than no tries", func(_ *steps.Plan, a *steps.Step) { a.Budget.Tries = -1 }, "budget: tries"},
		{"too many tries", func(_ *steps.Plan, a *steps.Step) { a.Budget.Tries++ }, "budget: tries"},
		{"fewer than no failures in a lifetime", func(_ *steps.Plan, a *steps.Step) { a.Budget.Lifetime = -1 }, "budget: a lifetime"},
		{"tries without a window", func(_ *steps.Plan, a *steps.Step) { a.Budget.Window = 0 }, "budget: tries need"},
		{"tries without a lockout", func(_ *steps.Plan, a *steps.Step) { a.Budget.Lockout = instant }, "budget: tries need"},
		{"a window without tries", func(_ *steps.Plan, a *steps.Step) { a.Budget = steps.Budget{Lifetime: 3, Window: time.Hour} }, "budget: a window"},
		{"confirmation by nobody", func(_ *steps.Plan, a *steps.Step) { a.Checker = "" }, "confirm needs"},
		{"a checker without a name", func(_ *steps.Plan, a *steps.Step) { a.Checker = "the dealer" }, "a checker's name"},
	} {
		p, a := sound()
		row.spoil(&p, a)
		err := p.Validate()
		require.ErrorIs(t, err, steps.ErrInvalid, row.name)
		require.ErrorContains(t, err, row.fault, row.name)
	}
	for _, budget := range []steps.Budget{{}, {Lifetime: 1}, {Tries: 1, Window: time.Millisecond, Lockout: time.Millisecond}} {
		p, a := sound()
		a.Budget = budget
		require.NoError(t, p.Validate())
		require.Equal(t, budget != steps.Budget{}, budget.Counts())
	}
}

func TestStatesAreNoSteps(t *testing.T) {
	for _, name := range []string{"activated", "cancelled", "expired", "erased", "stepsID"} {
		_, err := steps.NewPlan("service", steps.Step{Name: name})
		require.ErrorContains(t, err, "is reserved", name)
		_, err = steps.NewPlan("service", steps.Step{Name: "a", Aliases: []string{name}})
		require.ErrorContains(t, err, "is reserved", name)
	}
}

func TestCatalogFindsVersions(t *testing.T) {
	first, err := steps.NewPlan("service", steps.Step{Name: "a"})
	require.NoError(t, err)
	second := first
	second.Version = 2
	c, err := steps.NewCatalog(second, first)
	require.NoError(t, err)
	latest, ok := c.Latest("service")
	require.True(t, ok)
	require.EqualValues(t, 2, latest.Version)
	_, ok = c.Plan("service", 1)
	require.True(t, ok)
	_, ok = c.Plan("service", 3)
	require.False(t, ok)
	_, err = steps.NewCatalog(first, first)
	require.ErrorContains(t, err, "stands twice")
}

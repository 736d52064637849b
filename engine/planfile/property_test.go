package planfile

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stepgate/stepgate/steps"
)

// What plans are drawn from: sound values, those on the edge, and those beyond.
var (
	someNames = rapid.SampledFrom([]string{
		"a", "b", "trustedPhone", "null", "true", "yes", "y", "e5", "NaN", "A_1", strings.Repeat("n", 64),
	})
	anyNames  = rapid.OneOf(someNames, someNames, rapid.SampledFrom([]string{"", "1a", "a-b", "é", "a\n", "stepsID", "activated", "erased", strings.Repeat("n", 65)}))
	durations = rapid.OneOf(
		rapid.SampledFrom([]time.Duration{0, 1, time.Millisecond - 1, time.Millisecond, 10 * time.Minute, 1<<63 - 1}),
		rapid.Custom(func(t *rapid.T) time.Duration { return time.Duration(rapid.Int64Range(0, 1<<63-1).Draw(t, "ns")) }),
	)
	counts   = rapid.IntRange(0, steps.MaxTries+1)
	checkers = rapid.SampledFrom([]string{"", "phones", "9phones"})
)

var anyStep = rapid.Custom(func(t *rapid.T) steps.Step {
	step := steps.Step{
		Name:    anyNames.Draw(t, "name"),
		Scope:   steps.Scope(rapid.IntRange(0, 3).Draw(t, "scope")),
		Aliases: rapid.SliceOfN(anyNames, 0, 2).Draw(t, "aliases"),
		TTL:     durations.Draw(t, "ttl"),
		Checker: checkers.Draw(t, "checker"),
		Confirm: rapid.Bool().Draw(t, "confirm"),
	}
	if rapid.Bool().Draw(t, "counted") {
		step.Budget = steps.Budget{
			Tries: counts.Draw(t, "tries"), Window: durations.Draw(t, "window"), Lockout: durations.Draw(t, "lockout"),
			Lifetime: counts.Draw(t, "lifetime"),
		}
	}
	return step
})

var anyPlan = rapid.Custom(func(t *rapid.T) steps.Plan {
	plan := steps.Plan{
		Service:  anyNames.Draw(t, "service"),
		Version:  rapid.Uint32Range(0, 3).Draw(t, "version"),
		Steps:    rapid.SliceOfN(anyStep, 0, 3).Draw(t, "steps"),
		Deadline: durations.Draw(t, "deadline"),
		TakeOver: rapid.Bool().Draw(t, "takeOver"),
	}
	if rapid.Bool().Draw(t, "holds") {
		plan.Hold = steps.Hold{Limit: counts.Draw(t, "limit"), TTL: durations.Draw(t, "holdTTL")}
	}
	return plan
})

// write writes a plan, sound or not, as a file that declares what the plan
// asks.
func write(plan steps.Plan) []byte {
	form := fileForm{Services: yaml.MapSlice{{Key: plan.Service, Value: serviceForm{Versions: []versionForm{formOf(plan)}}}}}
	for _, step := range plan.Steps {
		if step.Checker != "" {
			form.Checkers = yaml.MapSlice{{Key: step.Checker, Value: checkerForm{httpForm{URL: "http://phones.example"}}}}
		}
	}
	text, err := yaml.Marshal(form)
	if err != nil {
		panic(err)
	}
	return text
}

// disagreement says where the file of a plan is judged otherwise than the plan,
// or judged by the last word alone; "" where neither is.
func disagreement(plan steps.Plan, validate func(steps.Plan) error) string {
	text := write(plan)
	file, err := Parse(text)
	sound := validate(plan)
	if (err == nil) != (sound == nil) {
		return "the plan: " + message(sound) + "\nits file: " + message(err) + "\n" + string(text)
	}
	if faults, ok := errors.AsType[Faults](err); ok {
		for _, fault := range faults {
			if strings.HasPrefix(fault.What, `plan "`) {
				return "nobody but steps found: " + fault.What
			}
		}
		return ""
	}
	if again, err := Parse(Format(file)); err != nil || string(Format(again)) != string(Format(file)) {
		return "written and read again: " + message(err)
	}
	return ""
}

func message(err error) string {
	if err == nil {
		return "sound"
	}
	return err.Error()
}

// TestPlansAreJudgedAsTheirFiles: what the parser takes, steps.Plan.Validate
// takes, and the other way round; and the parser finds all faults itself.
func TestPlansAreJudgedAsTheirFiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		require.Empty(t, disagreement(anyPlan.Draw(t, "plan"), steps.Plan.Validate))
	})
}

// TestPlansAreJudgedControl: were steps to lose a rule, the property would say
// so.
func TestPlansAreJudgedControl(t *testing.T) {
	for rule, without := range map[string]func(*steps.Plan){
		"a version is 1 or more":   func(p *steps.Plan) { p.Version = max(p.Version, 1) },
		"a hold has a limit":       func(p *steps.Plan) { p.Hold.Limit = max(min(p.Hold.Limit, 1), 1) },
		"a deadline has no end":    func(p *steps.Plan) { p.Deadline = 0 },
		"a service has a name":     func(p *steps.Plan) { p.Service = "a" },
		"confirm needs a checker":  eachStep(func(s *steps.Step) { s.Confirm = false }),
		"a time to live is enough": eachStep(func(s *steps.Step) { s.TTL = 0 }),
		"a budget is whole":        eachStep(func(s *steps.Step) { s.Budget = steps.Budget{} }),
		"aliases are names":        eachStep(func(s *steps.Step) { s.Aliases = nil }),
		"a checker has a name":     eachStep(func(s *steps.Step) { s.Checker = "phones" }),
	} {
		t.Run(rule, func(t *testing.T) {
			lenient := func(plan steps.Plan) error {
				plan.Steps = append([]steps.Step(nil), plan.Steps...)
				without(&plan)
				return plan.Validate()
			}
			const most = 20_000 // plans; some hundreds are enough
			for seed := range most {
				if disagreement(anyPlan.Example(seed), lenient) != "" {
					return
				}
			}
			t.Fatal("no plan shows it")
		})
	}
}

func eachStep(change func(*steps.Step)) func(*steps.Plan) {
	return func(p *steps.Plan) {
		for i := range p.Steps {
			change(&p.Steps[i])
		}
	}
}

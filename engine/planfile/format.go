package planfile

import (
	"maps"
	"slices"

	"github.com/goccy/go-yaml"

	"github.com/stepgate/stepgate/steps"
)

// What follows is the file's shape, as it is written: without what has its
// default.
type (
	fileForm struct {
		Services yaml.MapSlice `yaml:"services"`
		Checkers yaml.MapSlice `yaml:"checkers,omitempty"`
	}
	serviceForm struct {
		Versions    []versionForm `yaml:"versions"`
		Eligibility string        `yaml:"eligibility,omitempty"`
	}
	versionForm struct {
		Version  uint32     `yaml:"version"`
		Steps    []stepForm `yaml:"steps"`
		Hold     *holdForm  `yaml:"hold,flow,omitempty"`
		Deadline string     `yaml:"deadline,omitempty"`
		TakeOver bool       `yaml:"takeOver,omitempty"`
	}
	holdForm struct {
		Limit int    `yaml:"limit"`
		TTL   string `yaml:"ttl"`
	}
	stepForm struct {
		Name    string      `yaml:"name"`
		Scope   string      `yaml:"scope,omitempty"`
		Aliases []string    `yaml:"aliases,flow,omitempty"`
		TTL     string      `yaml:"ttl,omitempty"`
		Budget  *budgetForm `yaml:"budget,flow,omitempty"`
		Checker string      `yaml:"checker,omitempty"`
		Confirm bool        `yaml:"confirm,omitempty"`
	}
	budgetForm struct {
		Tries    int    `yaml:"tries,omitempty"`
		Window   string `yaml:"window,omitempty"`
		Lockout  string `yaml:"lockout,omitempty"`
		Lifetime int    `yaml:"lifetime,omitempty"`
	}
	checkerForm struct {
		HTTP httpForm `yaml:"http"`
	}
	httpForm struct {
		URL      string       `yaml:"url"`
		Timeout  string       `yaml:"timeout,omitempty"`
		Retries  int          `yaml:"retries,omitempty"`
		TokenEnv string       `yaml:"tokenEnv,omitempty"`
		Breaker  *breakerForm `yaml:"breaker,flow,omitempty"`
	}
	breakerForm struct {
		Failures int    `yaml:"failures,omitempty"`
		Open     string `yaml:"open,omitempty"`
	}
)

// Format returns the canonical text of a file: Parse reads it as the same. The
// services stand in the order of the catalog, the checkers in that of their
// names.
func Format(f File) []byte {
	var form fileForm
	places := make(map[string]int)
	for _, plan := range f.Catalog.Plans() {
		i, ok := places[plan.Service]
		if !ok {
			i = len(form.Services)
			places[plan.Service] = i
			form.Services = append(form.Services, yaml.MapItem{Key: plan.Service, Value: serviceForm{Eligibility: f.Eligibility[plan.Service]}})
		}
		service := form.Services[i].Value.(serviceForm)
		service.Versions = append(service.Versions, formOf(plan))
		form.Services[i].Value = service
	}
	for _, name := range slices.Sorted(maps.Keys(f.Checkers)) {
		form.Checkers = append(form.Checkers, yaml.MapItem{Key: name, Value: checkerForm{formOfHTTP(f.Checkers[name])}})
	}
	text, err := yaml.MarshalWithOptions(form, yaml.IndentSequence(true))
	if err != nil {
		panic(err) // the forms above are texts and numbers
	}
	return text
}

func formOf(plan steps.Plan) versionForm {
	form := versionForm{Version: plan.Version, Deadline: formatDuration(plan.Deadline), TakeOver: plan.TakeOver}
	if plan.Hold != (steps.Hold{}) {
		form.Hold = &holdForm{plan.Hold.Limit, formatDuration(plan.Hold.TTL)}
	}
	for _, step := range plan.Steps {
		s := stepForm{
			Name: step.Name, Aliases: step.Aliases, TTL: formatDuration(step.TTL),
			Checker: step.Checker, Confirm: step.Confirm,
		}
		if step.Scope != steps.ScopeActivation {
			s.Scope = step.Scope.String()
		}
		if b := step.Budget; b != (steps.Budget{}) {
			s.Budget = &budgetForm{b.Tries, formatDuration(b.Window), formatDuration(b.Lockout), b.Lifetime}
		}
		form.Steps = append(form.Steps, s)
	}
	return form
}

func formOfHTTP(c HTTPChecker) httpForm {
	form := httpForm{URL: c.URL, Timeout: formatDuration(c.Timeout), Retries: c.Retries, TokenEnv: c.TokenEnv}
	if open := formatDuration(c.BreakerOpen); c.BreakerFailures != 0 || open != "" {
		form.Breaker = &breakerForm{c.BreakerFailures, open}
	}
	return form
}

package planfile

import (
	"math"
	"slices"
	"strings"

	"github.com/stepgate/stepgate/steps"
)

var (
	stepKeys   = []string{"name", "scope", "aliases", "ttl", "budget", "checker", "confirm"}
	budgetKeys = []string{"tries", "window", "lockout", "lifetime"}
)

// scopes are the names of the scopes, in their order.
var scopes = func() []string {
	var names []string
	for s := steps.Scope(0); s.String() != ""; s++ {
		names = append(names, s.String())
	}
	return names
}()

// names are those that steps of a plan have, with where each stands.
type names map[string]place

func (r *reader) steps(v value) []steps.Step {
	items := r.items(v, "a list of steps, each with a name")
	if len(items) > steps.MaxSteps {
		r.fault(v, items[steps.MaxSteps].place, "%s has %d steps: a plan has 1 to %d, so strike out this one and those that follow", v.label(), len(items), steps.MaxSteps)
	}
	taken := make(names)
	list := make([]steps.Step, len(items))
	for i, item := range items {
		list[i] = r.step(item, taken)
	}
	return list
}

func (r *reader) step(v value, taken names) steps.Step {
	o := r.object(v, "a step", stepKeys)
	r.need(o, "name", "what events call it")
	step := steps.Step{
		Name:    r.stepName(o.get("name"), v, taken),
		Scope:   r.scope(o.get("scope")),
		TTL:     r.duration(o.get("ttl")),
		Budget:  r.budget(o.get("budget")),
		Checker: r.asks(o.get("checker")),
		Confirm: r.flag(o.get("confirm")),
	}
	for _, alias := range r.items(o.get("aliases"), "a list of names that events may use as well") {
		step.Aliases = append(step.Aliases, r.stepName(alias, v, taken))
	}
	if confirm := o.get("confirm"); step.Confirm && !o.get("checker").there() {
		r.fault(confirm, confirm.place, "confirm needs a checker, which has to confirm: add the key checker to the step, or strike confirm out")
	}
	return step
}

// stepName returns a name or alias of a step, or "" where it is none that the
// step can have.
func (r *reader) stepName(v, step value, taken names) string {
	name := r.name(v, "the name of a step")
	if name == "" {
		return ""
	}
	if isReserved(name) {
		r.fault(v, v.place, "%q is reserved for a state, or for the API: give the step another name", name)
		return ""
	}
	if earlier, twice := taken[name]; twice {
		r.fault(v, useOf(v, step), "%q names a step on line %d already: give this one another name", name, earlier.line)
		return ""
	}
	taken[name] = useOf(v, step)
	return name
}

// isReserved reports whether package steps keeps a well-formed name for itself.
func isReserved(name string) bool {
	_, err := steps.NewPlan("any", steps.Step{Name: name})
	return err != nil
}

func (r *reader) scope(v value) steps.Scope {
	must := "one of " + strings.Join(scopes, ", ")
	name := r.text(v, must)
	if name == "" {
		return steps.ScopeActivation
	}
	i := slices.Index(scopes, name)
	if i < 0 {
		if near := nearest(name, scopes); near != "" {
			must += "; did you mean " + quoted(near) + "?"
		}
		r.fault(v, v.place, "there is no scope %s: it must be %s", quoted(name), must)
		return steps.ScopeActivation
	}
	return steps.Scope(i)
}

func (r *reader) budget(v value) steps.Budget {
	o := r.object(v, "a budget", budgetKeys)
	tries, window, lockout := o.get("tries"), o.get("window"), o.get("lockout")
	if tries.there() && !(window.there() && lockout.there()) {
		r.fault(tries, tries.place, "tries need a window, in which they are counted, and a lockout, which follows the last: add both keys")
	}
	for _, v := range []value{window, lockout} {
		if v.there() && !tries.there() {
			r.fault(v, v.place, "%s needs tries: add the key, or strike %s out", v.label(), v.label())
		}
	}
	return steps.Budget{
		Tries:    int(r.count(tries, 1, steps.MaxTries)),
		Window:   r.duration(window),
		Lockout:  r.duration(lockout),
		Lifetime: int(r.count(o.get("lifetime"), 1, math.MaxInt32)),
	}
}

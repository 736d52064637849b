package planfile

import (
	"math"

	"github.com/stepgate/stepgate/steps"
)

var (
	serviceKeys = []string{"versions", "eligibility"}
	versionKeys = []string{"version", "steps", "hold", "deadline", "takeOver"}
	holdKeys    = []string{"limit", "ttl"}
)

// services returns the plans of all services, in the order of the file.
func (r *reader) services(v value, file *File) []steps.Plan {
	var plans []steps.Plan
	for _, e := range r.entries(v, "services by their names, each with its versions") {
		o := r.object(e.value, "a service", serviceKeys)
		r.need(o, "versions", "its plans, one or more")
		plans = append(plans, r.versions(o.get("versions"), e.name)...)
		if checker := r.asks(o.get("eligibility")); checker != "" {
			if file.Eligibility == nil {
				file.Eligibility = make(map[string]string)
			}
			file.Eligibility[e.name] = checker
		}
	}
	return plans
}

func (r *reader) versions(v value, service string) []steps.Plan {
	items := r.items(v, "a list of versions, each with version and steps")
	plans := make([]steps.Plan, 0, len(items))
	taken := make(map[uint32]place, len(items))
	for _, item := range items {
		o := r.object(item, "a version", versionKeys)
		r.need(o, "version", "its number, from 1")
		r.need(o, "steps", "what the service requires, in order")
		plan := steps.Plan{
			Service:  service,
			Version:  uint32(r.count(o.get("version"), 1, math.MaxUint32)),
			Steps:    r.steps(o.get("steps")),
			Hold:     r.hold(o.get("hold")),
			Deadline: r.duration(o.get("deadline")),
			TakeOver: r.flag(o.get("takeOver")),
		}
		if number := o.get("version"); plan.Version != 0 {
			at := useOf(number, item)
			if earlier, twice := taken[plan.Version]; twice {
				r.fault(number, at, "version %d stands on line %d already: give this one another number", plan.Version, earlier.line)
			} else {
				taken[plan.Version] = at
			}
		}
		if len(r.faults) == 0 {
			r.lastWord(item, plan)
		}
		plans = append(plans, plan)
	}
	return plans
}

// lastWord tells what package steps has against a plan and this package has
// not: nothing, as the tests hold.
func (r *reader) lastWord(v value, plan steps.Plan) {
	if err := plan.Validate(); err != nil {
		r.fault(v, v.place, "%s", detail(err))
	}
}

func (r *reader) hold(v value) steps.Hold {
	o := r.object(v, "a hold", holdKeys)
	r.need(o, "limit", "how many completions may wait")
	r.need(o, "ttl", "how long each of them waits")
	return steps.Hold{
		Limit: int(r.count(o.get("limit"), 1, steps.MaxTries)),
		TTL:   r.duration(o.get("ttl")),
	}
}

// useOf returns where a value is used that stands in an item of a list: itself,
// or the alias that stands for the item.
func useOf(v, item value) place {
	if item.used != item.place {
		return item.used
	}
	return v.used
}

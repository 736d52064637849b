package steps

import (
	"fmt"
	"slices"
)

// The services and steps of the source text.
const (
	VehicleStatus  = "vehicleStatus"
	RemoteCommands = "remoteCommands"

	TrustedPhone     = "trustedPhone"
	DeviceActivation = "deviceActivation"
	MediumCarKey     = "mediumCarKey"
)

// Catalog is a set of plans, one or more versions a service. The zero value
// has none. It is not to be changed after it was made, and is then safe for
// concurrent use.
type Catalog struct {
	plans  []Plan
	latest map[string]int
}

// NewCatalog returns a catalog of plans, or an error where a plan is faulty or
// the same version of a service stands twice.
func NewCatalog(plans ...Plan) (Catalog, error) {
	c := Catalog{plans: slices.Clone(plans), latest: make(map[string]int)}
	for i, p := range plans {
		c.plans[i].Steps = slices.Clone(p.Steps)
		if err := p.Validate(); err != nil {
			return Catalog{}, err
		}
		for _, earlier := range plans[:i] {
			if earlier.Service == p.Service && earlier.Version == p.Version {
				return Catalog{}, Invalid("plan", fmt.Sprintf("version %d of %s stands twice", p.Version, p.Service))
			}
		}
		if j, ok := c.latest[p.Service]; !ok || plans[j].Version < p.Version {
			c.latest[p.Service] = i
		}
	}
	return c, nil
}

// Default is the catalog of the source text: both services require all three
// steps, in this order (contract, section 1).
func Default() Catalog {
	steps := []Step{
		{Name: TrustedPhone, Scope: ScopeUser, Aliases: []string{"trusterPhoneNumber"}},
		{Name: DeviceActivation, Scope: ScopeUserDevice},
		{Name: MediumCarKey, Scope: ScopeUserVehicle},
	}
	c, err := NewCatalog(
		Plan{Service: RemoteCommands, Version: 1, Steps: steps},
		Plan{Service: VehicleStatus, Version: 1, Steps: steps},
	)
	if err != nil {
		panic(err) // the plans above are constants
	}
	return c
}

// Plans returns every plan, in the order in which they were given.
func (c Catalog) Plans() []Plan { return c.plans }

// Latest returns the newest version of a service's plan.
func (c Catalog) Latest(service string) (Plan, bool) {
	i, ok := c.latest[service]
	if !ok {
		return Plan{}, false
	}
	return c.plans[i], true
}

// Plan returns a version of a service's plan.
func (c Catalog) Plan(service string, version uint32) (Plan, bool) {
	for _, p := range c.plans {
		if p.Service == service && p.Version == version {
			return p, true
		}
	}
	return Plan{}, false
}

package engine_test

import (
	"context"
	"slices"
	"time"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
)

// walkPlans are the plans of a walk up to a version: a service with every rule,
// whose second version takes over, and a plain one that shares its steps'
// names.
func walkPlans(version uint32) []steps.Plan {
	phone := steps.Step{
		Name: steps.TrustedPhone, Scope: steps.ScopeUser, Aliases: []string{"trusterPhoneNumber"}, TTL: 60 * time.Second,
		Budget: steps.Budget{Tries: 2, Window: 30 * time.Second, Lockout: 25 * time.Second, Lifetime: 5},
	}
	device := steps.Step{
		Name: steps.DeviceActivation, Scope: steps.ScopeUserDevice, Checker: "pairing",
		Budget: steps.Budget{Tries: 1, Window: 20 * time.Second, Lockout: 20 * time.Second},
	}
	key := steps.Step{
		Name: steps.MediumCarKey, Scope: steps.ScopeUserVehicle, TTL: 90 * time.Second, Checker: "key", Confirm: true,
		Budget: steps.Budget{Tries: 3, Window: 30 * time.Second, Lockout: 20 * time.Second},
	}
	pin := steps.Step{Name: "pin", Budget: steps.Budget{Lifetime: 3}}
	code, terms := pin, steps.Step{Name: "terms", Scope: steps.ScopeUser}
	code.Name, code.Aliases = "code", []string{"pin"}
	plans := []steps.Plan{
		{
			Service: steps.RemoteCommands, Version: 1, Steps: []steps.Step{phone, device, pin, key},
			Hold: steps.Hold{Limit: 2, TTL: 30 * time.Second}, Deadline: 100 * time.Second,
		},
		{
			Service: steps.VehicleStatus, Version: 1, Steps: []steps.Step{
				{Name: steps.TrustedPhone, Scope: steps.ScopeUser},
				{Name: steps.DeviceActivation, Scope: steps.ScopeUserDevice},
				{Name: steps.MediumCarKey, Scope: steps.ScopeUserVehicle, TTL: 45 * time.Second},
			},
		},
		{
			Service: steps.RemoteCommands, Version: 2, Steps: []steps.Step{terms, phone, code, key},
			Hold: steps.Hold{Limit: 1, TTL: 40 * time.Second}, Deadline: 70 * time.Second, TakeOver: true,
		},
	}
	return plans[:1+version]
}

// walkAssociations: ann has two vehicles and both services, bob shares one of
// the vehicles.
var walkAssociations = []steps.Association{
	{ID: "a-1", User: "ann", Service: steps.RemoteCommands, VIN: "V1"},
	{ID: "a-2", User: "ann", Service: steps.RemoteCommands, VIN: "V2"},
	{ID: "a-3", User: "ann", Service: steps.VehicleStatus, VIN: "V1"},
	{ID: "b-1", User: "bob", Service: steps.RemoteCommands, VIN: "V1"},
}

var (
	reporter = steps.Caller{User: "sms-gateway", Rights: steps.Report, Channel: "v1"}
	operator = steps.Caller{User: "support", Rights: steps.AllRights, Channel: "v1"}
)

// device is a user on a device.
func device(user, name string) steps.Caller {
	return steps.Caller{User: user, Device: name, Rights: steps.Ask, Channel: "pims"}
}

// answering is every checker of a walk: it says what the world says.
type answering struct{ world *world }

func (a answering) Check(_ context.Context, s steps.Subject) (engine.Check, error) {
	said := a.world.answers[asked(s)]
	return engine.Check{Proven: said.proven, Until: said.until}, said.failed
}

func (a answering) Eligible(_ context.Context, association steps.Association) (string, error) {
	fit := a.world.unfit[association.VIN]
	return fit.why, fit.failed
}

// associationList is the associations of a walk.
type associationList []steps.Association

func (l associationList) Association(_ context.Context, user, id string) (steps.Association, bool, error) {
	for _, a := range l {
		if a.User == user && a.ID == id {
			return a, true, nil
		}
	}
	return steps.Association{}, false, nil
}

func (l associationList) ByVIN(_ context.Context, user, vin string) ([]steps.Association, error) {
	return slices.DeleteFunc(slices.Clone(l), func(a steps.Association) bool { return a.User != user || a.VIN != vin }), nil
}

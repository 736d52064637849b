package associations

import (
	"slices"
	"strings"

	"github.com/stepgate/stepgate/steps"
)

// fieldNames are the fields of an association, as a message lists them.
const fieldNames = "carAssociationID, user, service, vin"

// member is a field of an association.
type member struct {
	name  string
	value *string
}

func members(a *steps.Association) []member {
	return []member{
		{"carAssociationID", &a.ID},
		{"user", &a.User},
		{"service", &a.Service},
		{"vin", &a.VIN},
	}
}

func memberNamed(members []member, name string) *member {
	i := slices.IndexFunc(members, func(m member) bool { return m.name == name })
	if i < 0 {
		return nil
	}
	return &members[i]
}

// check returns the first fault of an association, as steps.ErrMissing or
// steps.ErrInvalid, or nil.
func check(a steps.Association, plans steps.Catalog) error {
	for _, m := range members(&a) {
		if err := checkMember(&m, plans); err != nil {
			return err
		}
	}
	return nil
}

func checkMember(m *member, plans steps.Catalog) error {
	if *m.value == "" {
		return steps.Missing(m.name, "is empty")
	}
	if err := steps.CheckText(m.name, *m.value, steps.MaxText); err != nil {
		return err
	}
	if m.name != "service" {
		return nil
	}
	if _, known := plans.Latest(*m.value); !known {
		return steps.Invalid("service", "no plan is of this service; there are "+strings.Join(services(plans), ", "))
	}
	return nil
}

func services(plans steps.Catalog) []string {
	var names []string
	for _, p := range plans.Plans() {
		names = append(names, p.Service)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

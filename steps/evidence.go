package steps

import "time"

// Subject is whom or what a step is proven for: only the members that the
// step's scope names are set.
type Subject struct {
	Step   string
	User   string
	Device string // for ScopeUserDevice
	VIN    string // for ScopeUserVehicle
}

// Evidence is the fact that a step was proven for a subject.
type Evidence struct {
	Subject Subject
	At      time.Time
	Until   time.Time // zero: without end
	StepsID ID        // the activation through which it was proven
	Event   EventKey  // the event that proved it
}

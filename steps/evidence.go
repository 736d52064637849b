package steps

import "time"

// Subject is whom or what a step is proven for: only the members that the
// step's scope names are set.
type Subject struct {
	Step    string
	User    string
	Device  string // for ScopeUserDevice
	VIN     string // for ScopeUserVehicle
	StepsID ID     // for ScopeActivation
}

// Subject returns for whom the plan's i-th step is proven in an activation.
func (p *Plan) Subject(i int, a *Activation) Subject {
	s := Subject{Step: p.Steps[i].Name, User: a.User}
	switch p.Steps[i].Scope {
	case ScopeUserDevice:
		s.Device = a.Device
	case ScopeUserVehicle:
		s.VIN = a.VIN
	case ScopeActivation:
		s.StepsID = a.StepsID
	}
	return s
}

// Evidence is the fact that a step was proven for a subject. It counts in every
// activation with that subject (contract, section 1). The zero value: it is not
// proven.
type Evidence struct {
	Subject Subject
	Until   time.Time // zero: without end
	Origin
}

// Counts reports whether the step is proven at a time.
func (e *Evidence) Counts(now time.Time) bool {
	return e.StepsID != 0 && (e.Until.IsZero() || now.Before(e.Until))
}

// Tally counts the failed attempts of a subject at a step, over all its
// activations. The zero value: there were none.
type Tally struct {
	Subject  Subject
	Revision uint32      // how often it changed
	Failures []time.Time // those that may still count, oldest first
	Total    int         // in its life, or since an operator unlocked it
	Opens    time.Time   // until when the budget is spent, or zero
	Spent    bool        // the lifetime total is reached: only an operator can unlock it
}

// Locked reports whether the budget is spent at a time.
func (t *Tally) Locked(now time.Time) bool { return t.Spent || now.Before(t.Opens) }

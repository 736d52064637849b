package steps

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Scope says for whom a step is proven (contract, section 1).
type Scope uint8

// The scopes. The zero value is the narrowest: proof counts for this
// activation alone.
const (
	ScopeActivation  Scope = iota // this activation
	ScopeUser                     // the user, on every device and vehicle
	ScopeUserDevice               // the user on a device
	ScopeUserVehicle              // the user with a vehicle
)

var scopeNames = [...]string{"activation", "user", "userDevice", "userVehicle"}

// String returns the scope's name, or "" for none of the above.
func (s Scope) String() string {
	if int(s) >= len(scopeNames) {
		return ""
	}
	return scopeNames[s]
}

// Step is one security check of a plan. The zero value of every member but
// Name works.
type Step struct {
	Name    string
	Scope   Scope
	Aliases []string // other names taken on input, never written on output

	TTL     time.Duration // how long a proof counts; zero: without end
	Budget  Budget        // how many attempts may fail; zero: nobody counts
	Checker string        // who knows whether the step is proven; "": nobody
	Confirm bool          // a completion counts only where the checker confirms it
}

// Budget is how many attempts at a step may fail for one subject, over all its
// activations (contract, section 4). The zero value does not count.
type Budget struct {
	Tries    int           // so many failures within Window spend it; 0: any number
	Window   time.Duration // how long a failure counts
	Lockout  time.Duration // how long it is spent; then it begins again
	Lifetime int           // so many failures ever spend it until an operator unlocks it; 0: any number
}

// Counts reports whether failures are counted at all.
func (b Budget) Counts() bool { return b.Tries > 0 || b.Lifetime > 0 }

// MaxTries is the greatest number of tries of a budget, and of events held.
const MaxTries = 100

// Hold says what becomes of a completion that comes before its turn. The zero
// value: it is refused. Otherwise up to Limit of them wait, each for TTL.
type Hold struct {
	Limit int
	TTL   time.Duration
}

// MaxSteps is the greatest number of steps in a plan.
const MaxSteps = 64

// Plan is the ordered steps that a service requires, with a version. Make one
// with NewPlan; it is not to be changed afterwards.
type Plan struct {
	Service string
	Version uint32 // from 1
	Steps   []Step

	Hold     Hold          // completions that come early
	Deadline time.Duration // how long an activation, or its epoch, may take; zero: without end
	TakeOver bool          // activations of older versions move to this one when it is applied; otherwise they keep theirs
}

// NewPlan returns version 1 of a plan, or an error that names its first fault.
func NewPlan(service string, steps ...Step) (Plan, error) {
	p := Plan{Service: service, Version: 1, Steps: steps}
	return p, p.Validate()
}

// Names that a step cannot have: they are states, or the first member of the
// list that the API returns.
var reservedNames = []string{string(StateActivated), string(StateCancelled), string(StateExpired), string(StateErased), "stepsID"}

// Validate returns the plan's first fault, or nil.
func (p Plan) Validate() error {
	fault := func(format string, args ...any) error {
		return Invalid("plan", fmt.Sprintf("plan %q: ", p.Service)+fmt.Sprintf(format, args...))
	}
	switch {
	case !isName(p.Service):
		return fault("a service's name has 1 to 64 letters, digits or underscores and begins with a letter")
	case p.Version == 0:
		return fault("a version is 1 or more")
	case len(p.Steps) == 0 || len(p.Steps) > MaxSteps:
		return fault("%d steps; a plan has 1 to %d", len(p.Steps), MaxSteps)
	}
	seen := make(map[string]bool)
	for _, step := range p.Steps {
		for _, name := range append([]string{step.Name}, step.Aliases...) {
			switch {
			case !isName(name):
				return fault("step %q: a name has 1 to 64 letters, digits or underscores and begins with a letter", name)
			case slices.Contains(reservedNames, name):
				return fault("step %q: the name is reserved", name)
			case seen[name]:
				return fault("step %q stands twice", name)
			}
			seen[name] = true
		}
		if int(step.Scope) >= len(scopeNames) {
			return fault("step %q: unknown scope %d", step.Name, step.Scope)
		}
		if why := step.fault(); why != "" {
			return fault("step %q: %s", step.Name, why)
		}
	}
	switch h := p.Hold; {
	case h != (Hold{}) && (h.Limit < 1 || h.Limit > MaxTries):
		return fault("hold: a limit lies between 1 and %d", MaxTries)
	case h != (Hold{}) && h.TTL < time.Millisecond:
		return fault("hold: a time to live is needed, of a millisecond or more")
	case p.Deadline != 0 && p.Deadline < time.Millisecond:
		return fault("a deadline is a millisecond or more")
	}
	return nil
}

// fault returns what is wrong with the rules of a step, or "".
func (s *Step) fault() string {
	switch b := s.Budget; {
	case s.TTL != 0 && s.TTL < time.Millisecond:
		return "a time to live is a millisecond or more"
	case b.Tries < 0 || b.Tries > MaxTries:
		return fmt.Sprintf("budget: tries lie between 1 and %d", MaxTries)
	case b.Lifetime < 0:
		return "budget: a lifetime is 1 or more"
	case b.Tries > 0 && (b.Window < time.Millisecond || b.Lockout < time.Millisecond):
		return "budget: tries need a window and a lockout"
	case b.Tries == 0 && (b.Window != 0 || b.Lockout != 0):
		return "budget: a window and a lockout need tries"
	case s.Confirm && s.Checker == "":
		return "confirm needs a checker"
	case s.Checker != "" && !isName(s.Checker):
		return "a checker's name has 1 to 64 letters, digits or underscores and begins with a letter"
	}
	return ""
}

// isName keeps names to what drawings, URLs and databases take unquoted.
func isName(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r != '_' && (r < '0' || r > '9')) {
			return false
		}
	}
	return s != "" && len(s) <= MaxName
}

// Index returns the place of the step with this name or alias, from 0, or -1.
func (p *Plan) Index(name string) int {
	for i := range p.Steps {
		if p.Steps[i].Name == name || slices.Contains(p.Steps[i].Aliases, name) {
			return i
		}
	}
	return -1
}

// String returns the steps in order: "trustedPhone -> deviceActivation".
func (p Plan) String() string {
	names := make([]string, len(p.Steps))
	for i, step := range p.Steps {
		names[i] = step.Name
	}
	return strings.Join(names, " -> ")
}

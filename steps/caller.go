package steps

// Rights are what a caller may do.
type Rights uint8

// The rights.
const (
	Ask     Rights = 1 << iota // a device: list, next, reset, for its own activations
	Report                     // a back-end service: tell events
	Operate                    // an operator: see everything, cancel, declare associations
)

// AllRights is every right.
const AllRights = Ask | Report | Operate

// Caller is who calls: an argument of every operation of the engine.
type Caller struct {
	User    string
	Device  string
	Rights  Rights
	Channel string // how the call came, for the history: "pims", "v1", "cli", …
}

// May reports whether the caller has all of these rights.
func (c Caller) May(rights Rights) bool { return c.Rights&rights == rights }

// Owns reports whether an activation is bound to the caller. One that is erased
// is bound to nobody.
func (c Caller) Owns(a *Activation) bool {
	return c.User != "" && a.User == c.User && a.Device == c.Device
}

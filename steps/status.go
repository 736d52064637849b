package steps

// Filter says which steps a list holds. The zero value: all of them.
type Filter string

// The filters: the values of the parameter stepsStatus.
const (
	FilterAll  Filter = "all"
	FilterTodo Filter = Filter(Todo)
	FilterDone Filter = Filter(AlreadyDone)
)

// ParseFilter reads the parameter stepsStatus; "" is all. Anything else but
// the three values is ErrInvalid.
func ParseFilter(text string) (Filter, error) {
	switch f := Filter(text); f {
	case "":
		return FilterAll, nil
	case FilterAll, FilterTodo, FilterDone:
		return f, nil
	}
	return "", Invalid("stepsStatus", `stepsStatus is "all", "todo" or "alreadyDone"`)
}

// Items returns the steps of an activation of this plan that the filter lets
// through, in order. A step's status is derived from its proof, here and
// nowhere else.
func (p *Plan) Items(a *Activation, filter Filter) []Item {
	items := make([]Item, 0, len(p.Steps))
	for i := range p.Steps {
		status := Todo
		if a.Proofs[i].Done() {
			status = AlreadyDone
		}
		if filter == "" || filter == FilterAll || filter == Filter(status) {
			items = append(items, Item{Name: p.Steps[i].Name, Status: status, Order: len(items) + 1, Proof: a.Proofs[i]})
		}
	}
	return items
}

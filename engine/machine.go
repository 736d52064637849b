package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/looplab/fsm"

	"github.com/stepgate/stepgate/steps"
)

// machine is a plan compiled to a state machine: states are one a step, in
// order, then activated, and cancelled aside, and expired where the plan has a
// deadline.
//
// The transitions are looplab/fsm's: rows declares them, and compile asks the
// library for every state and every event once. Judging then reads next, which
// no cancelled context and no callback can disturb (docs/decisions/fsm.md).
type machine struct {
	plan   steps.Plan
	names  []string // of the steps
	states []steps.State
	index  map[steps.State]int
	events []string
	next   [][]int // next[event][state]: a state, or none

	versions map[uint32]*machine // of the same service, this one among them
}

// none: the table has no row for this event in this state.
const none = -1

const (
	eventReset  = "reset"
	eventCancel = "cancel"
	eventExpire = "expire"
)

// rows is the whole machine of a plan, as looplab/fsm takes it. A step is
// revoked where its proof is lost in whatever way: the state goes back to it,
// if it stands before where we are.
func rows(plan *steps.Plan) fsm.Events {
	n := len(plan.Steps)
	states := statesOf(plan)
	all := make([]string, len(states))
	for i, state := range states {
		all[i] = string(state)
	}
	table := make(fsm.Events, 0, 2*n+3)
	for i, step := range plan.Steps {
		table = append(table, fsm.EventDesc{Name: step.Name + ".completed", Src: all[i : i+1], Dst: all[i+1]})
	}
	for i, step := range plan.Steps {
		table = append(table, fsm.EventDesc{Name: step.Name + ".revoked", Src: all[i+1 : n+1], Dst: all[i]})
	}
	table = append(table,
		fsm.EventDesc{Name: eventReset, Src: all, Dst: all[0]},
		fsm.EventDesc{Name: eventCancel, Src: all[:n+1], Dst: string(steps.StateCancelled)},
	)
	if plan.Deadline > 0 {
		table = append(table, fsm.EventDesc{Name: eventExpire, Src: all[:n], Dst: string(steps.StateExpired)})
	}
	return table
}

// statesOf returns the states of a plan: its steps in order, then the others.
func statesOf(plan *steps.Plan) []steps.State {
	states := make([]steps.State, 0, len(plan.Steps)+3)
	for _, step := range plan.Steps {
		states = append(states, steps.State(step.Name))
	}
	states = append(states, steps.StateActivated, steps.StateCancelled)
	if plan.Deadline > 0 {
		states = append(states, steps.StateExpired)
	}
	return states
}

// compile builds the machine of a valid plan.
func compile(plan steps.Plan) (*machine, error) {
	whole := plan
	whole.Deadline = max(plan.Deadline, 1) // an activation may have one from before its plan lost it
	m := &machine{plan: plan, states: statesOf(&whole), index: make(map[steps.State]int)}
	for _, step := range plan.Steps {
		m.names = append(m.names, step.Name)
	}
	for i, state := range m.states {
		m.index[state] = i
	}

	table := rows(&whole)
	oracle := fsm.NewFSM(string(m.states[0]), table, nil)
	for _, row := range table {
		next := make([]int, len(m.states))
		for i, state := range m.states {
			oracle.SetState(string(state))
			to, err := m.ask(oracle, row.Name)
			if err != nil {
				return nil, fmt.Errorf("plan %s: %s in state %s: %w", plan.Service, row.Name, state, err)
			}
			next[i] = to
		}
		m.events = append(m.events, row.Name)
		m.next = append(m.next, next)
	}
	return m, nil
}

// compileAll makes the machines of all plans, and lets those of a service know
// each other.
func compileAll(plans steps.Catalog) (map[planKey]*machine, error) {
	machines := make(map[planKey]*machine)
	versions := make(map[string]map[uint32]*machine)
	for _, plan := range plans.Plans() {
		m, err := compile(plan)
		if err != nil {
			return nil, err
		}
		if versions[plan.Service] == nil {
			versions[plan.Service] = make(map[uint32]*machine)
		}
		m.versions = versions[plan.Service]
		m.versions[plan.Version] = m
		machines[planKey{plan.Service, plan.Version}] = m
	}
	return machines, nil
}

// ask returns the state to which an event leads, or none.
func (m *machine) ask(oracle *fsm.FSM, event string) (int, error) {
	err := oracle.Event(context.Background(), event)
	if _, refused := errors.AsType[fsm.InvalidEventError](err); refused {
		return none, nil
	}
	if _, same := errors.AsType[fsm.NoTransitionError](err); err != nil && !same {
		return none, err
	}
	return m.index[steps.State(oracle.Current())], nil
}

// The events' numbers, in the order of rows.

func (m *machine) completed(step int) int { return step }
func (m *machine) revoked(step int) int   { return len(m.plan.Steps) + step }
func (m *machine) reset() int             { return 2 * len(m.plan.Steps) }
func (m *machine) cancel() int            { return 2*len(m.plan.Steps) + 1 }
func (m *machine) expire() int            { return 2*len(m.plan.Steps) + 2 }

// move returns where an event leads from a state: nowhere else, where the table
// has no row.
func (m *machine) move(from steps.State, event int) steps.State {
	if to := m.next[event][m.index[from]]; to != none {
		return m.states[to]
	}
	return from
}

// Row is one line of a plan's table: in state From, the event On leads to To.
type Row struct {
	From steps.State `json:"from"`
	On   string      `json:"on"`
	To   steps.State `json:"to"`
}

// Table returns the state machine of a plan, row by row, or the plan's fault.
func Table(plan steps.Plan) ([]Row, error) {
	if err := plan.Validate(); err != nil {
		return nil, err
	}
	m, err := compile(plan)
	if err != nil {
		return nil, err
	}
	own := statesOf(&plan)
	var table []Row
	for event, next := range m.next {
		for from, to := range next {
			if to != none && from < len(own) && to < len(own) {
				table = append(table, Row{m.states[from], m.events[event], m.states[to]})
			}
		}
	}
	return table, nil
}

// Mermaid draws the state machine of a plan as a Mermaid flow chart, the current
// state marked.
func Mermaid(plan steps.Plan, current steps.State) (string, error) {
	f, err := drawable(plan, current)
	if err != nil {
		return "", err
	}
	return fsm.VisualizeForMermaidWithGraphType(f, fsm.FlowChart)
}

// Graphviz draws the state machine of a plan in the DOT language, the current
// state marked.
func Graphviz(plan steps.Plan, current steps.State) (string, error) {
	f, err := drawable(plan, current)
	if err != nil {
		return "", err
	}
	return fsm.Visualize(f), nil
}

func drawable(plan steps.Plan, current steps.State) (*fsm.FSM, error) {
	if err := plan.Validate(); err != nil {
		return nil, err
	}
	if !slices.Contains(statesOf(&plan), current) {
		return nil, steps.Invalid("state", fmt.Sprintf("the plan of %s has no state %q", plan.Service, current))
	}
	return fsm.NewFSM(string(current), rows(&plan), nil), nil
}

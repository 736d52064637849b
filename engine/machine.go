package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/looplab/fsm"

	"github.com/stepgate/stepgate/steps"
)

// machine is a plan compiled to a state machine: states are one a step, in
// order, then activated, and cancelled aside.
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
}

// none: the table has no row for this event in this state.
const none = -1

const (
	eventReset  = "reset"
	eventCancel = "cancel"
)

// rows is the whole machine of a plan, as looplab/fsm takes it.
func rows(plan *steps.Plan) fsm.Events {
	n := len(plan.Steps)
	all := make([]string, 0, n+2)
	for _, step := range plan.Steps {
		all = append(all, step.Name)
	}
	all = append(all, string(steps.StateActivated), string(steps.StateCancelled))

	table := make(fsm.Events, 0, n+2)
	for i, step := range plan.Steps {
		table = append(table, fsm.EventDesc{Name: step.Name + ".completed", Src: all[i : i+1], Dst: all[i+1]})
	}
	return append(table,
		fsm.EventDesc{Name: eventReset, Src: all, Dst: all[0]},
		fsm.EventDesc{Name: eventCancel, Src: all[:n+1], Dst: string(steps.StateCancelled)},
	)
}

// compile builds the machine of a valid plan.
func compile(plan steps.Plan) (*machine, error) {
	m := &machine{plan: plan, index: make(map[steps.State]int)}
	for _, step := range plan.Steps {
		m.names = append(m.names, step.Name)
		m.states = append(m.states, steps.State(step.Name))
	}
	m.states = append(m.states, steps.StateActivated, steps.StateCancelled)
	for i, state := range m.states {
		m.index[state] = i
	}

	table := rows(&plan)
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

// The events' numbers: completed(0) … completed(n-1), then these two.

func (m *machine) reset() int  { return len(m.plan.Steps) }
func (m *machine) cancel() int { return len(m.plan.Steps) + 1 }

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
	var table []Row
	for event, next := range m.next {
		for from, to := range next {
			if to != none {
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
	known := current == steps.StateActivated || current == steps.StateCancelled || plan.Index(string(current)) >= 0
	if !known {
		return nil, steps.Invalid("state", fmt.Sprintf("the plan of %s has no state %q", plan.Service, current))
	}
	return fsm.NewFSM(string(current), rows(&plan), nil), nil
}

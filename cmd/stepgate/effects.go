package main

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/stepgate/stepgate/cmd/stepgate/internal/client"
	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/engine/planfile"
	"github.com/stepgate/stepgate/steps"
)

// effect is what other plans mean for the activations that have all of this in
// common.
type effect struct {
	Service  string        `json:"service"`
	From     uint32        `json:"from"`
	To       uint32        `json:"to"`
	Effect   engine.Effect `json:"effect"`
	Before   steps.State   `json:"before"`
	After    steps.State   `json:"after"`
	Count    int           `json:"count"`
	Examples []steps.ID    `json:"examples"` // the first of them
}

// maxExamples is how many activations stand as examples.
const maxExamples = 3

// effects are what other plans mean for all activations.
type effects []effect

// preview asks what the plans of a file mean for all activations.
func preview(ctx context.Context, cl client.Client, file planfile.File, progress io.Writer) (effects, error) {
	type kind struct {
		service       string
		from, to      uint32
		effect        engine.Effect
		before, after steps.State
	}
	places := make(map[kind]int)
	var found effects
	err := eachMove(ctx, cl, file, progress, func(moves []httpapi.Move) error {
		for _, m := range moves {
			k := kind{m.Service, m.From, m.To, m.Effect, m.Before, m.After}
			i, known := places[k]
			if !known {
				i = len(found)
				places[k] = i
				found = append(found, effect{
					Service: m.Service, From: m.From, To: m.To, Effect: m.Effect, Before: m.Before, After: m.After,
				})
			}
			found[i].Count++
			if len(found[i].Examples) < maxExamples {
				found[i].Examples = append(found[i].Examples, m.StepsID)
			}
		}
		return nil
	})
	slices.SortFunc(found, func(a, b effect) int {
		return cmp.Or(
			cmp.Compare(a.Service, b.Service), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To),
			cmp.Compare(a.Effect, b.Effect), cmp.Compare(a.Before, b.Before), cmp.Compare(a.After, b.After),
		)
	})
	return found, err
}

// eachMove visits what the plans of a file mean for each activation, page by
// page.
func eachMove(ctx context.Context, cl client.Client, file planfile.File, progress io.Writer, visit func([]httpapi.Move) error) error {
	text := planfile.Format(file)
	return walk(progress, "looking at activations", func(after steps.ID) (steps.ID, error) {
		page, err := cl.Preview(ctx, text, client.Page{After: after, Limit: pageSize})
		if err == nil {
			err = visit(page.Moves)
		}
		return page.Next, err
	})
}

// moving is how many activations the plans would move.
func (e effects) moving() int {
	n := 0
	for _, row := range e {
		if moves(row.Effect) {
			n += row.Count
		}
	}
	return n
}

// moves reports whether an effect is that an activation moves.
func moves(e engine.Effect) bool { return e == engine.Moves || e == engine.Relocked }

func (e effects) print(w io.Writer, form output) error {
	return printList(form, w, e, func() string {
		if len(e) == 0 {
			return "there are no activations\n"
		}
		rows := make([]table.Row, len(e))
		for i, row := range e {
			rows[i] = table.Row{
				row.Service, row.From, row.To, row.Effect, row.Before, row.After, row.Count, join(row.Examples),
			}
		}
		return drawTable(table.Row{"service", "from", "to", "effect", "before", "after", "count", "such as"}, rows)
	})
}

func join(ids []steps.ID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return strings.Join(texts, " ")
}

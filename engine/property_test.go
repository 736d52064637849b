package engine_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/memstore"
)

// walk is a random history: the engine on one side, the world that predicts it
// on the other.
type walk struct {
	ctx    context.Context
	draw   func(n int) int // a number from 0 to n-1
	now    time.Time
	store  store.Store
	engine *engine.Engine
	world  *world
	told   []telling // every event so far
	acts   []string  // what was done so far, for the reader of a difference
	seen   map[steps.ID]steps.List
	codes  map[steps.Code]bool // that calls were turned away with
	diff   *difference
}

// telling is an event, who told it, and what became of it first.
type telling struct {
	caller  steps.Caller
	event   steps.Event
	verdict steps.Verdict
}

// difference is where the engine is not as predicted, or breaks what must
// always hold.
type difference struct {
	where string // what showed it: see wrongRules
	text  string
}

// run plays random actions, and returns the first difference, or nil.
func run(actions int, fault string, draw func(n int) int) *difference {
	w := newWalk(memstore.New(), fault, draw)
	defer w.close()
	w.play(actions)
	return w.diff
}

// play does random actions up to the first difference.
func (w *walk) play(actions int) {
	for n := range actions {
		w.now = w.now.Add(w.tick())
		w.acts = append(w.acts, fmt.Sprintf("%d, at %s: %s", n, w.now.Format("15:04:05"), w.act(n)))
		w.compareAll()
		if w.diff != nil {
			break
		}
	}
	if w.diff == nil {
		w.tellAllAgain()
		w.mustHold()
	}
	if w.diff != nil {
		w.diff.text = strings.Join(append(w.acts, w.diff.text), "\n")
	}
}

func newWalk(st store.Store, fault string, draw func(n int) int) *walk {
	w := &walk{
		ctx: context.Background(), draw: draw, store: st,
		now:   time.UnixMilli(1_780_000_000_000).UTC(),
		world: newWorld(walkPlans(1), walkAssociations),
		seen:  make(map[steps.ID]steps.List),
		codes: make(map[steps.Code]bool),
	}
	w.world.fault = fault
	w.restart(1)
	return w
}

func (w *walk) close() { w.engine.Close() }

// restart begins anew with an engine on the same store, which knows the plans
// up to a version.
func (w *walk) restart(version uint32) {
	plans := walkPlans(version)
	catalog, err := steps.NewCatalog(plans...)
	if err != nil {
		panic(err)
	}
	if w.engine != nil {
		w.engine.Close()
	}
	checkers := make(map[string]engine.Checker)
	for _, name := range []string{"pairing", "key"} {
		checkers[name] = answering{w.world}
	}
	w.world.use(plans)
	w.engine, err = engine.New(w.store, engine.Options{
		Plans: catalog, Associations: associationList(walkAssociations), Checkers: checkers, Eligibility: answering{w.world},
		CacheSize: 1 + 3*w.draw(2), Now: func() time.Time { return w.now },
	})
	if err != nil {
		panic(err)
	}
}

// walkLength is how many actions a walk has.
const walkLength = 80

// TestModel walks at random; rapid shrinks a walk that fails and prints its
// seed. STEPGATE_LONG=1 makes it a million actions and more.
func TestModel(t *testing.T) {
	const checks = 100 // of rapid, each a walk
	rounds := 1
	if os.Getenv("STEPGATE_LONG") != "" {
		rounds = 1_000_000/(checks*walkLength) + 1
	}
	for round := range rounds {
		rapid.Check(t, func(rt *rapid.T) {
			differ := run(walkLength, "", func(n int) int { return rapid.IntRange(0, n-1).Draw(rt, "n") })
			if differ != nil {
				rt.Fatal(differ.text)
			}
		})
		if t.Failed() {
			return
		}
		if rounds > 1 && round%10 == 0 {
			fmt.Fprintf(os.Stderr, "TestModel: %d of %d actions\n", (round+1)*checks*walkLength, rounds*checks*walkLength)
		}
	}
}

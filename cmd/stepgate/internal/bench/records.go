package bench

import (
	"context"
	"math/rand/v2"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/memstore"
	"github.com/stepgate/stepgate/store/wire"
)

// recordedLives is of how many activations the limit writes the changes.
const recordedLives = 256

// recordedFrom says where the bytes that the limit writes come from.
const recordedFrom = "the changes of real activations, as store/wire encodes them, without keys, checksums and framing"

// record returns the changes of activations as the engine commits them, encoded
// as stores keep them: what the limit writes.
func record(ctx context.Context, plan steps.Plan) ([][]byte, error) {
	st := &recorder{Store: memstore.New()}
	eng, err := newEngine(st, plan)
	if err != nil {
		return nil, err
	}
	defer eng.Close()
	c := &caller{eng: eng, plan: plan, rand: rand.New(rand.NewPCG(1, 1))}
	for range recordedLives {
		if err := c.live(ctx); err != nil {
			return nil, err
		}
	}
	return st.records, st.err
}

// recorder is a store that keeps the form of each change. It is for one caller.
type recorder struct {
	store.Store
	records [][]byte
	err     error
}

func (r *recorder) Commit(ctx context.Context, changes []store.Change) []error {
	for i := range changes {
		form, err := wire.AppendChange(nil, &changes[i])
		if err != nil {
			r.err = err
		}
		r.records = append(r.records, form)
	}
	return r.Store.Commit(ctx, changes)
}

// newEngine returns an engine as a service has it, but for its associations.
func newEngine(st store.Store, plan steps.Plan) (*engine.Engine, error) {
	return engine.New(st, engine.Options{Associations: resolver{service: plan.Service}})
}

func meanLen(records [][]byte) float64 {
	total := 0
	for _, r := range records {
		total += len(r)
	}
	return float64(total) / float64(len(records))
}

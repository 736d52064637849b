package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
)

// caller is one of those who use the engine at once: it takes one activation
// after the other through its life, and waits for every answer. It counts, and
// times, what it was answered.
type caller struct {
	eng  *engine.Engine
	plan steps.Plan
	rand *rand.Rand

	created, applied, read int64

	writes histogram // of each call that makes something durable
	reads  histogram
}

// reporter is the back-end service that tells the events.
var reporter = steps.Caller{User: "orchestrator", Rights: steps.Report, Channel: "v1"}

// sources are who tells that a step was completed, by the step's place.
var sources = [...]string{"//otp.example/sms", "//devices.example/activation", "//carkey.example/check"}

// live creates an activation, completes its steps one by one, and reads it.
func (c *caller) live(ctx context.Context) error {
	who := newIdentity(c.rand, len(c.plan.Steps))
	device := steps.Caller{User: who.user, Device: who.device, Rights: steps.Ask, Channel: "pims"}

	began := time.Now()
	list, err := c.eng.Steps(ctx, device, engine.StepsRequest{CarAssociationID: who.association})
	ended := time.Now()
	if err != nil {
		return fmt.Errorf("create: %w", err)
	}
	c.writes.add(ended.Sub(began))
	c.created++

	for i, step := range c.plan.Steps {
		event := steps.Completion(steps.EventID(sources[i%len(sources)], who.events[i]), list.StepsID, step.Name)
		event.Time = ended
		began = time.Now()
		verdict, err := c.eng.Handle(ctx, reporter, event)
		ended = time.Now()
		if err != nil {
			return fmt.Errorf("complete %s: %w", step.Name, err)
		}
		if verdict.Outcome != steps.Applied || verdict.Duplicate {
			return fmt.Errorf("complete %s: the verdict is %+v", step.Name, verdict)
		}
		c.writes.add(ended.Sub(began))
		c.applied++
	}

	began = time.Now()
	list, err = c.eng.Steps(ctx, device, engine.StepsRequest{StepsID: list.StepsID})
	ended = time.Now()
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if list.State != steps.StateActivated {
		return fmt.Errorf("read: activation %s is %s after all its steps", list.StepsID, list.State)
	}
	c.reads.add(ended.Sub(began))
	c.read++
	return nil
}

package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/handler"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/memstore"
	"github.com/stepgate/stepgate/store/pebblestore"
)

// The README and docs/guide/embedding.md show the bodies of these examples.

func Example() {
	ctx := context.Background()
	eng, err := engine.New(memstore.New(), engine.Options{}) // or the store of pebblestore.Open
	if err != nil {
		log.Fatal(err)
	}
	defer eng.Close()

	// A device asks: what is still to do?
	phone := steps.Caller{User: "ann", Device: "phone", Rights: steps.Ask}
	list, err := eng.Steps(ctx, phone, engine.StepsRequest{CarAssociationID: "987654"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(list.State, list.Items)

	// A back-end service reports: an event handler, one line.
	gateway := steps.Caller{User: "sms", Rights: steps.Report}
	verdict, err := eng.Handle(ctx, gateway, steps.Completion(steps.EventID("sms", "e-1"), list.StepsID, steps.TrustedPhone))
	fmt.Println(verdict.Outcome, verdict.State, err)

	// Output:
	// trustedPhone [{trustedPhone todo 1} {deviceActivation todo 2} {mediumCarKey todo 3}]
	// applied deviceActivation <nil>
}

// Without output, it is compiled and not run.
func Example_durable() {
	st, err := pebblestore.Open("activations", nil)
	if err != nil {
		log.Fatal(err)
	}
	eng, err := engine.New(st, engine.Options{})
	if err != nil {
		log.Fatal(err)
	}

	// … serve …

	eng.Close() // waits for what is in flight
	if err := st.Close(); err != nil {
		log.Fatal(err)
	}
}

func Example_plan() {
	plan, err := steps.NewPlan("valetParking",
		steps.Step{Name: "driverLicence", Scope: steps.ScopeUser},
		steps.Step{Name: "deposit"},
	)
	if err != nil {
		log.Fatal(err)
	}
	catalog, err := steps.NewCatalog(plan)
	if err != nil {
		log.Fatal(err)
	}
	eng, err := engine.New(memstore.New(), engine.Options{Plans: catalog})
	if err != nil {
		log.Fatal(err)
	}
	defer eng.Close()

	table, err := engine.Table(plan)
	if err != nil {
		log.Fatal(err)
	}
	for _, row := range table[:2] {
		fmt.Println(row.From, row.On, row.To)
	}

	// Output:
	// driverLicence driverLicence.completed deposit
	// deposit deposit.completed activated
}

func Example_handler() {
	eng, err := engine.New(memstore.New(), engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer eng.Close()
	gateway := steps.Caller{User: "sms", Rights: steps.Report, Channel: "queue"}

	// consume handles a message of any broker. Nil: acknowledge it. An error:
	// have it delivered again.
	consume := func(ctx context.Context, message []byte) error {
		event, err := handler.Decode(message)
		if err != nil {
			fmt.Println("quarantine:", err) // it can never be judged
			return nil
		}
		verdict, err := eng.Handle(ctx, gateway, event)
		switch {
		case errors.Is(err, steps.ErrTimeout), errors.Is(err, steps.ErrUnavailable):
			return err // it may or may not have been judged: again, and its verdict tells
		case err != nil:
			fmt.Println("quarantine:", err)
		default:
			fmt.Println(verdict.ID, verdict.Outcome, verdict.Reason)
		}
		return nil
	}

	ctx := context.Background()
	_ = consume(ctx, []byte(`{"specversion":"1.0","id":"e-1","source":"sms","type":"stepgate.step.completed.v1","subject":"42","data":{"step":"trustedPhone"}}`))
	_ = consume(ctx, []byte(`{"specversion":"1.0","id":"e-2","source":"sms","type":"stepgate.step.completed.v1"}`))

	// Output:
	// e-1 refused unknownActivation
	// quarantine: Missing subject parameter: an event's subject is the stepsID of the activation
}

func Example_changes() {
	ctx := context.Background()
	eng, err := engine.New(memstore.New(), engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer eng.Close()
	operator := steps.Caller{User: "ann", Device: "desk", Rights: steps.Operate | steps.Ask}
	if _, err := eng.Steps(ctx, operator, engine.StepsRequest{CarAssociationID: "987654"}); err != nil {
		log.Fatal(err)
	}

	var cursor store.Cursor // keep it: the feed goes on where you left it
	for {
		told, err := eng.Changes(ctx, operator, cursor, 100)
		if err != nil {
			log.Fatal(err)
		}
		if len(told) == 0 {
			break // nothing newer: ask again later
		}
		for _, change := range told {
			fmt.Println(change.Entry.Kind, change.Entry.After)
			cursor = change.Cursor
		}
	}

	// Output:
	// created trustedPhone
}

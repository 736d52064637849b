package engine_test

import (
	"context"
	"fmt"
	"log"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store/memstore"
)

// The README shows this example.
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

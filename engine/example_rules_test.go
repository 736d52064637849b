package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store/memstore"
)

// The pages of docs/guide that explain a rule each show the bodies of these
// examples.

func Example_evidence() {
	ctx := context.Background()
	eng, err := engine.New(memstore.New(), engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer eng.Close()
	phone := steps.Caller{User: "ann", Device: "phone", Rights: steps.Ask | steps.Report}

	first, _ := eng.Steps(ctx, phone, engine.StepsRequest{CarAssociationID: "car-1"})
	done := steps.Completion(steps.EventID("sms", "e-1"), first.StepsID, steps.TrustedPhone, steps.DeviceActivation)
	if _, err := eng.Handle(ctx, phone, done); err != nil {
		log.Fatal(err)
	}

	second, _ := eng.Steps(ctx, phone, engine.StepsRequest{CarAssociationID: "car-2"})
	shown, _ := eng.Show(ctx, phone, second.StepsID)
	for _, item := range shown.Items {
		fmt.Println(item.Name, item.Status, item.Origin.Event.ID, item.Origin.StepsID == first.StepsID)
	}

	// Output:
	// trustedPhone alreadyDone e-1 true
	// deviceActivation alreadyDone e-1 true
	// mediumCarKey todo  false
}

func Example_checker() {
	ctx := context.Background()
	plan, _ := steps.NewPlan("remoteCommands",
		steps.Step{Name: "trustedPhone", Scope: steps.ScopeUser, Checker: "phones"},
		steps.Step{Name: "mediumCarKey", Scope: steps.ScopeUserVehicle},
	)
	plans, err := steps.NewCatalog(plan)
	if err != nil {
		log.Fatal(err)
	}
	trusted := map[string]bool{"ann": true} // in truth, a call to the service that knows
	eng, err := engine.New(memstore.New(), engine.Options{
		Plans: plans,
		Checkers: map[string]engine.Checker{
			"phones": engine.CheckerFunc(func(_ context.Context, s steps.Subject) (engine.Check, error) {
				return engine.Check{Proven: trusted[s.User]}, nil
			}),
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer eng.Close()

	for _, user := range []string{"ann", "bob"} {
		phone := steps.Caller{User: user, Device: "phone", Rights: steps.Ask}
		list, err := eng.Steps(ctx, phone, engine.StepsRequest{CarAssociationID: "car-1"})
		fmt.Println(user, list.State, err)
	}

	// Output:
	// ann mediumCarKey <nil>
	// bob trustedPhone <nil>
}

func Example_eligibility() {
	eng, err := engine.New(memstore.New(), engine.Options{
		Eligibility: engine.EligibilityFunc(func(_ context.Context, a steps.Association) (string, error) {
			if a.VIN == "DEVold-car" {
				return "the vehicle has no modem", nil
			}
			return "", nil
		}),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer eng.Close()

	phone := steps.Caller{User: "ann", Device: "phone", Rights: steps.Ask}
	_, err = eng.Steps(context.Background(), phone, engine.StepsRequest{CarAssociationID: "old-car"})
	fmt.Println(err)

	// Output:
	// forbidden operation: not eligible: the vehicle has no modem
}

func Example_reset() {
	ctx := context.Background()
	eng, err := engine.New(memstore.New(), engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer eng.Close()
	phone := steps.Caller{User: "ann", Device: "phone", Rights: steps.Ask | steps.Report}
	list, _ := eng.Steps(ctx, phone, engine.StepsRequest{CarAssociationID: "car-1"})

	again, _ := eng.Steps(ctx, phone, engine.StepsRequest{StepsID: list.StepsID, Reset: true})
	fmt.Println(again.StepsID == list.StepsID, again.Epoch)

	late := steps.Completion(steps.EventID("sms", "e-1"), list.StepsID, steps.TrustedPhone)
	late.Epoch = &list.Epoch // it was asked for before the reset
	verdict, _ := eng.Handle(ctx, phone, late)
	fmt.Println(verdict.Outcome, verdict.Reason)

	// Output:
	// true 1
	// refused stale
}

func Example_hold() {
	ctx := context.Background()
	plan, _ := steps.Default().Latest(steps.RemoteCommands)
	plan.Hold = steps.Hold{Limit: 10, TTL: time.Hour}
	plans, err := steps.NewCatalog(plan)
	if err != nil {
		log.Fatal(err)
	}
	eng, err := engine.New(memstore.New(), engine.Options{Plans: plans})
	if err != nil {
		log.Fatal(err)
	}
	defer eng.Close()
	phone := steps.Caller{User: "ann", Device: "phone", Rights: steps.Ask | steps.Report}
	list, _ := eng.Steps(ctx, phone, engine.StepsRequest{CarAssociationID: "car-1"})

	for n, step := range []string{steps.MediumCarKey, steps.DeviceActivation, steps.TrustedPhone} {
		verdict, _ := eng.Handle(ctx, phone, steps.Completion(steps.EventID("queue", fmt.Sprint(n)), list.StepsID, step))
		fmt.Println(step, verdict.Outcome)
	}
	next, _ := eng.Next(ctx, phone, list.StepsID)
	fmt.Println(next == nil)

	// Output:
	// mediumCarKey held
	// deviceActivation held
	// trustedPhone applied
	// true
}

func Example_budget() {
	ctx := context.Background()
	plan, _ := steps.NewPlan("remoteCommands", steps.Step{
		Name: "pin", Scope: steps.ScopeUser,
		Budget: steps.Budget{Tries: 3, Window: 10 * time.Minute, Lockout: time.Hour, Lifetime: 20},
	})
	plans, err := steps.NewCatalog(plan)
	if err != nil {
		log.Fatal(err)
	}
	now := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	eng, err := engine.New(memstore.New(), engine.Options{Plans: plans, Now: func() time.Time { return now }})
	if err != nil {
		log.Fatal(err)
	}
	defer eng.Close()
	phone := steps.Caller{User: "ann", Device: "phone", Rights: steps.Ask | steps.Report}
	list, _ := eng.Steps(ctx, phone, engine.StepsRequest{CarAssociationID: "car-1"})

	for n := range 3 {
		wrong := steps.Event{Key: steps.EventID("pin", fmt.Sprint(n)), Kind: steps.Failed, StepsID: list.StepsID, Steps: []string{"pin"}}
		if _, err := eng.Handle(ctx, phone, wrong); err != nil {
			log.Fatal(err)
		}
	}
	right := steps.Completion(steps.EventID("pin", "right"), list.StepsID, "pin")
	verdict, _ := eng.Handle(ctx, phone, right)
	fmt.Println(verdict.Outcome, verdict.Reason, verdict.Until.Format(time.TimeOnly))

	_, err = eng.Next(ctx, phone, list.StepsID) // what the device is told
	blocked, _ := errors.AsType[*steps.Error](err)
	fmt.Println(blocked.Code, blocked.RetryAt.Format(time.TimeOnly))

	// Output:
	// refused locked 09:00:00
	// 2310 09:00:00
}

func Example_expiry() {
	ctx := context.Background()
	plan, _ := steps.NewPlan("remoteCommands",
		steps.Step{Name: "trustedPhone", Scope: steps.ScopeUser, TTL: 30 * 24 * time.Hour},
	)
	plan.Deadline = time.Hour
	plans, err := steps.NewCatalog(plan)
	if err != nil {
		log.Fatal(err)
	}
	now := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	eng, err := engine.New(memstore.New(), engine.Options{Plans: plans, Now: func() time.Time { return now }})
	if err != nil {
		log.Fatal(err)
	}
	defer eng.Close()
	phone := steps.Caller{User: "ann", Device: "phone", Rights: steps.Ask | steps.Report}
	list, _ := eng.Steps(ctx, phone, engine.StepsRequest{CarAssociationID: "car-1"})
	if _, err := eng.Handle(ctx, phone, steps.Completion(steps.EventID("sms", "e-1"), list.StepsID, "trustedPhone")); err != nil {
		log.Fatal(err)
	}

	now = now.AddDate(0, 0, 30)
	list, _ = eng.Steps(ctx, phone, engine.StepsRequest{StepsID: list.StepsID})
	fmt.Println(list.State, "since", list.Since.Format(time.DateOnly)) // on read, at once

	sweeper := steps.Caller{User: "sweeper", Rights: steps.Operate}
	told, _ := eng.Sweep(ctx, sweeper) // and in the history and the feed, once
	fmt.Println(told)

	// Output:
	// trustedPhone since 2026-03-31
	// 1
}

func Example_operator() {
	ctx := context.Background()
	eng, err := engine.New(memstore.New(), engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer eng.Close()
	phone := steps.Caller{User: "ann", Device: "phone", Rights: steps.Ask}
	desk := steps.Caller{User: "desk-7", Rights: steps.Operate}
	list, _ := eng.Steps(ctx, phone, engine.StepsRequest{CarAssociationID: "car-1"})

	verdict, err := eng.Handle(ctx, desk, steps.Event{
		Key: steps.EventID("desk", "ticket-1"), Kind: steps.Overridden, StepsID: list.StepsID,
		Steps: []string{steps.TrustedPhone}, Actor: "carla", Reason: "passport seen",
	})
	fmt.Println(verdict.Outcome, verdict.State, err)

	_, err = eng.Handle(ctx, desk, steps.Event{
		Key: steps.EventID("desk", "ticket-2"), Kind: steps.Revoked, StepsID: list.StepsID,
		Steps: []string{steps.TrustedPhone}, Actor: "carla",
	})
	fmt.Println(err)

	// Output:
	// applied deviceActivation <nil>
	// Missing reason parameter: say why, as data.reason
}

func Example_planVersions() {
	ctx := context.Background()
	one, _ := steps.NewPlan("remoteCommands", steps.Step{Name: "trustedPhone"})
	two := steps.Plan{
		Service: "remoteCommands", Version: 2, TakeOver: true,
		Steps: []steps.Step{{Name: "trustedPhone"}, {Name: "mediumCarKey"}},
	}
	before, _ := steps.NewCatalog(one)
	after, err := steps.NewCatalog(one, two)
	if err != nil {
		log.Fatal(err)
	}
	st := memstore.New()
	eng, err := engine.New(st, engine.Options{Plans: before})
	if err != nil {
		log.Fatal(err)
	}
	phone := steps.Caller{User: "ann", Device: "phone", Rights: steps.Ask | steps.Report}
	desk := steps.Caller{User: "desk-7", Rights: steps.Operate}
	list, _ := eng.Steps(ctx, phone, engine.StepsRequest{CarAssociationID: "car-1"})
	if _, err := eng.Handle(ctx, phone, steps.Completion(steps.EventID("sms", "e-1"), list.StepsID, "trustedPhone")); err != nil {
		log.Fatal(err)
	}

	moves, _, err := eng.Preview(ctx, desk, after, 0, 100) // changes nothing
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range moves {
		fmt.Println(m.Effect, m.From, m.To, m.Before, m.After)
	}
	eng.Close()

	eng, err = engine.New(st, engine.Options{Plans: after})
	if err != nil {
		log.Fatal(err)
	}
	defer eng.Close()
	verdict, _ := eng.Handle(ctx, desk, steps.Event{
		Key: steps.EventID("plans", "remoteCommands/2"), Kind: steps.Moved, StepsID: list.StepsID,
		Plan: 2, Actor: "carla", Reason: "the key is asked for too",
	})
	fmt.Println(verdict.Outcome, verdict.State)

	// Output:
	// relocked 1 2 activated mediumCarKey
	// applied mediumCarKey
}

func Example_explain() {
	ctx := context.Background()
	eng, err := engine.New(memstore.New(), engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer eng.Close()
	phone := steps.Caller{User: "ann", Device: "phone", Rights: steps.Ask}
	list, _ := eng.Steps(ctx, phone, engine.StepsRequest{CarAssociationID: "car-1"})

	x, _ := eng.Explain(ctx, phone, list.StepsID)
	fmt.Println(x.Blocks, x.Who, x.Unblocks[0].Type)
	fmt.Println(steps.CodeNotFound.Advice())

	// Output:
	// The step trustedPhone is to do. user stepgate.step.completed.v1
	// There is no such stepsID for this user on this device. Ask for the list with the carAssociationID first: a stepsID is never shared between devices.
}

func Example_erase() {
	ctx := context.Background()
	eng, err := engine.New(memstore.New(), engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer eng.Close()
	phone := steps.Caller{User: "ann", Device: "phone", Rights: steps.Ask}
	desk := steps.Caller{User: "desk-7", Rights: steps.Operate}
	list, _ := eng.Steps(ctx, phone, engine.StepsRequest{CarAssociationID: "car-1"})

	receipt, err := eng.Erase(ctx, desk, "ann", "carla", "asked by mail")
	fmt.Println(len(receipt.Activations), receipt.Activations[0].StepsID == list.StepsID, err)

	_, err = eng.Next(ctx, phone, list.StepsID)
	fmt.Println(errors.Is(err, steps.ErrNotFound))
	left, _ := eng.History(ctx, desk, list.StepsID)
	fmt.Printf("%v %q, %v %q\n", left[0].Kind, left[0].Caller, left[1].Kind, left[1].Actor)

	// Output:
	// 1 true <nil>
	// true
	// created "", erased "carla"
}

func Example_verify() {
	ctx := context.Background()
	eng, err := engine.New(memstore.New(), engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer eng.Close()
	desk := steps.Caller{User: "desk-7", Device: "desk", Rights: steps.Ask | steps.Operate}
	for n := range 150 {
		if _, err := eng.Steps(ctx, desk, engine.StepsRequest{CarAssociationID: fmt.Sprint(n)}); err != nil {
			log.Fatal(err)
		}
	}

	var verified int
	for next := steps.ID(0); ; {
		page, err := eng.Verify(ctx, desk, next, 100)
		if err != nil {
			log.Fatal(err)
		}
		for _, fault := range page.Faults {
			fmt.Println(fault.StepsID, fault.What)
		}
		verified += page.Activations
		if next = page.Next; next == 0 {
			break
		}
	}
	fmt.Println(verified)

	// Output:
	// 150
}

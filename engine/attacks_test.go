package engine_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/memstore"
	"github.com/stepgate/stepgate/store/storetest"
)

// The tests here attack the engine where it once gave way, or might have.

var almighty = steps.Caller{User: "all", Rights: steps.AllRights}

// noHeads is a store that knows no revision without I/O, as a database: what a
// replica has cached may be old.
type noHeads struct{ store.Store }

// open returns another engine with the scene's clock.
func (s *scene) open(st store.Store, opts engine.Options) *engine.Engine {
	s.t.Helper()
	opts.Now = func() time.Time { return s.now }
	eng, err := engine.New(st, opts)
	require.NoError(s.t, err)
	s.t.Cleanup(eng.Close)
	return eng
}

// pair makes the scene's engine one of two replicas, and returns the other.
func (s *scene) pair(opts engine.Options) *engine.Engine {
	s.t.Helper()
	st := noHeads{s.store}
	s.eng = s.open(st, opts)
	return s.open(st, opts)
}

// event returns an event under an ID that the test chooses.
func event(kind steps.Kind, id steps.ID, key string, names ...string) steps.Event {
	ev := steps.Event{Key: steps.EventID("attack", key), Kind: kind, StepsID: id, Steps: names}
	if kind != steps.Completed && kind != steps.Failed {
		ev.Actor, ev.Reason = "ann", "asked for"
	}
	return ev
}

// move has an activation follow version 2 of its plan.
func (s *scene) move(id steps.ID) steps.Verdict {
	s.t.Helper()
	ev := event(steps.Moved, id, "move")
	ev.Plan = 2
	v, err := s.eng.Handle(s.ctx, support, ev)
	require.NoError(s.t, err)
	require.Equal(s.t, steps.Applied, v.Outcome)
	return v
}

func checker(check engine.Check) map[string]engine.Checker {
	return map[string]engine.Checker{"c": engine.CheckerFunc(func(context.Context, steps.Subject) (engine.Check, error) {
		return check, nil
	})}
}

// renamed is version 2 of a plan, whose first step has another name.
func renamed() steps.Plan {
	return rich(func(p *steps.Plan) {
		p.Version = 2
		p.Steps[0].Name, p.Steps[0].Aliases = "phone", []string{steps.TrustedPhone}
	})
}

// A reset after a reset is a retry; the replica must not take it for one when
// a completion that it has not seen lies between them.
func TestResetIsNotLostOnAnOldCache(t *testing.T) {
	s := newScene(t, engine.Options{})
	replica := s.pair(engine.Options{})
	a := s.list(phone, "car-1").StepsID
	reset := engine.StepsRequest{StepsID: a, Reset: true}
	_, err := replica.Steps(s.ctx, phone, reset)
	require.NoError(t, err)
	s.applied(steps.Completed, a, steps.TrustedPhone)
	list, err := replica.Steps(s.ctx, phone, reset)
	require.NoError(t, err)
	require.EqualValues(t, 2, list.Epoch)
	require.EqualValues(t, 2, s.list(phone, "car-1").Epoch)
}

func TestListIsNotOlderThanTheStore(t *testing.T) {
	s := newScene(t, engine.Options{})
	replica := s.pair(engine.Options{})
	a := s.list(phone, "car-1").StepsID
	_, err := replica.Handle(s.ctx, almighty, event(steps.Completed, a, "1", steps.TrustedPhone, steps.DeviceActivation))
	require.NoError(t, err)
	_, err = s.eng.Steps(s.ctx, phone, engine.StepsRequest{StepsID: a, Reset: true})
	require.NoError(t, err)
	// Something proven elsewhere makes the list look: it is judged on the cache.
	s.applied(steps.Completed, s.list(phone, "car-2").StepsID, steps.TrustedPhone)
	list, err := replica.Steps(s.ctx, phone, engine.StepsRequest{StepsID: a})
	require.NoError(t, err)
	require.EqualValues(t, 1, list.Epoch)
	require.Equal(t, []string{steps.TrustedPhone}, done(list))
}

func TestSweepTellsWhatItsCacheDoesNotKnow(t *testing.T) {
	opts := engine.Options{Plans: catalog(t, rich(func(p *steps.Plan) { p.Steps[0].TTL = time.Hour }))}
	s := newScene(t, opts)
	replica := s.pair(opts)
	list, err := replica.Steps(s.ctx, phone, engine.StepsRequest{CarAssociationID: "car-1"})
	require.NoError(t, err)
	s.applied(steps.Completed, list.StepsID, steps.TrustedPhone)
	s.now = s.now.Add(2 * time.Hour)
	told := 0
	for range 2 { // the first may find out that the cache is old
		n, err := replica.Sweep(s.ctx, support)
		require.NoError(t, err)
		told += n
	}
	require.Equal(t, 1, told)
}

// What a device may tell depends on the plan version that its activation
// follows: a forbidden event records nothing that would show an old cache.
func TestNothingIsForbiddenByAnOldCache(t *testing.T) {
	one := rich(func(*steps.Plan) {})
	two := rich(func(p *steps.Plan) { p.Version = 2; p.Steps[0].Checker, p.Steps[0].Confirm = "c", true })
	s := newScene(t, engine.Options{Plans: catalog(t, one)})
	a := s.list(phone, "car-1").StepsID
	replica := s.pair(engine.Options{Plans: catalog(t, one, two), Checkers: checker(engine.Check{Proven: true})})
	_, err := replica.Handle(s.ctx, backend, event(steps.Completed, a, "early", steps.MediumCarKey))
	require.NoError(t, err)
	s.move(a)
	v, err := replica.Handle(s.ctx, phone, event(steps.Completed, a, "confirmed", steps.TrustedPhone))
	require.NoError(t, err)
	require.Equal(t, steps.Applied, v.Outcome)
}

// An event that its caller may not send holds up none behind it, however the
// batch is cut.
func TestForbiddenEventHoldsUpNoOther(t *testing.T) {
	s := newScene(t, engine.Options{
		Plans:    catalog(t, rich(func(p *steps.Plan) { p.Steps[0].Checker, p.Steps[0].Confirm = "c", true })),
		Checkers: checker(engine.Check{}),
	})
	a, b := s.list(phone, "car-1").StepsID, s.list(phone, "car-2").StepsID
	events := []steps.Event{
		event(steps.Completed, a, "forbidden", steps.MediumCarKey),
		event(steps.Completed, a, "next", steps.TrustedPhone),
	}
	for n := range 1023 {
		events = append(events, event(steps.Completed, b, fmt.Sprint(n), steps.MediumCarKey))
	}
	events = append(events, event(steps.Completed, a, "last", steps.TrustedPhone))
	results := s.eng.HandleBatch(s.ctx, phone, events)
	require.ErrorIs(t, results[0].Err, steps.ErrForbidden)
	for _, i := range []int{1, len(events) - 1} {
		require.NoError(t, results[i].Err)
		require.Equal(t, steps.NotConfirmed, results[i].Verdict.Reason)
	}
}

// Events that need facts are judged a second time: not before one ahead of them
// that nobody knows the outcome of.
func TestNeedyEventsDoNotOvertake(t *testing.T) {
	ctx := context.Background()
	faulty := storetest.NewFaulty(memstore.New(), storetest.Script(storetest.Commit))
	eng, id := started(t, faulty, engine.Options{})
	faulty.SetPlan(storetest.Script(storetest.Commit, storetest.Fault{Kind: storetest.FailBefore}))
	results := eng.HandleBatch(ctx, backend, []steps.Event{
		event(steps.Completed, id, "1", steps.TrustedPhone),
		event(steps.Completed, id, "2", steps.MediumCarKey),
		event(steps.Completed, id, "3", steps.DeviceActivation),
	})
	for _, r := range results {
		require.ErrorIs(t, r.Err, steps.ErrUnavailable)
	}
}

// interrupted is a store in which something happens behind the next read of
// evidence.
type interrupted struct {
	store.Store
	by func()
}

func (i *interrupted) Evidence(ctx context.Context, subjects []steps.Subject) ([]steps.Evidence, error) {
	found, err := i.Store.Evidence(ctx, subjects)
	if by := i.by; by != nil {
		i.by = nil
		by()
	}
	return found, err
}

func TestListOfWhatIsErasedMeanwhile(t *testing.T) {
	ctx := context.Background()
	st := &interrupted{Store: memstore.New()}
	eng, a := started(t, st, engine.Options{})
	b, err := eng.Steps(ctx, phone, engine.StepsRequest{CarAssociationID: "other"})
	require.NoError(t, err)
	_, err = eng.Handle(ctx, backend, event(steps.Completed, a, "1", steps.TrustedPhone))
	require.NoError(t, err)
	var erasing error
	st.by = func() { _, erasing = eng.Erase(ctx, support, phone.User, "ann", "asked") }
	_, err = eng.Steps(ctx, phone, engine.StepsRequest{StepsID: b.StepsID})
	require.NoError(t, erasing)
	require.ErrorIs(t, err, steps.ErrNotFound)
}

// Each event of a batch may need facts of its own; finding them out is no
// contention.
func TestManyEarlyEventsInOneBatch(t *testing.T) {
	s := newScene(t, engine.Options{})
	a := s.list(phone, "car-1").StepsID
	var events []steps.Event
	for n := range 150 {
		events = append(events, event(steps.Completed, a, fmt.Sprint(n), steps.MediumCarKey))
	}
	for _, r := range s.eng.HandleBatch(s.ctx, backend, events) {
		require.NoError(t, r.Err)
		require.Equal(t, steps.OutOfOrder, r.Verdict.Reason)
	}
}

// failures returns how many failures of the user's first step are counted.
func (s *scene) failures() int {
	s.t.Helper()
	counted, err := s.store.Tallies(s.ctx, []steps.Subject{{Step: steps.TrustedPhone, User: phone.User}})
	require.NoError(s.t, err)
	return counted[0].Total
}

// Failures of one user on many activations all write the same tally: of each
// round but one stands, and the others are no reason to give up.
func TestFailuresOfManyActivationsInOneBatch(t *testing.T) {
	s := newScene(t, engine.Options{Plans: catalog(t, rich(func(p *steps.Plan) { p.Steps[0].Budget = steps.Budget{Lifetime: 1000} }))})
	events := make([]steps.Event, 60)
	for n := range events {
		events[n] = event(steps.Failed, s.list(phone, fmt.Sprint(n)).StepsID, "failure", steps.TrustedPhone)
	}
	for _, r := range s.eng.HandleBatch(s.ctx, backend, events) {
		require.NoError(t, r.Err)
	}
	require.Equal(t, len(events), s.failures())
}

// A checker that heeds no deadline takes nobody's time but its own.
func TestCheckerThatHeedsNoDeadline(t *testing.T) {
	silent := make(chan struct{})
	defer close(silent)
	hanging := engine.CheckerFunc(func(context.Context, steps.Subject) (engine.Check, error) {
		<-silent
		return engine.Check{}, nil
	})
	s := newScene(t, engine.Options{
		Plans:        catalog(t, rich(func(p *steps.Plan) { p.Steps[0].Checker = "c" })),
		Checkers:     map[string]engine.Checker{"c": hanging},
		CheckTimeout: time.Millisecond,
	})
	_, err := s.eng.Steps(s.ctx, phone, engine.StepsRequest{CarAssociationID: "car-1"})
	require.ErrorIs(t, err, steps.ErrTimeout)
}

// What a checker said of a held completion's end is not forgotten while it is
// held.
func TestHeldCompletionEndsWhenItsCheckerSaid(t *testing.T) {
	answer := engine.Check{}
	s := newScene(t, engine.Options{
		Plans: catalog(t, rich(func(p *steps.Plan) {
			p.Hold = steps.Hold{Limit: 5, TTL: 10 * time.Hour}
			p.Steps[1].Checker, p.Steps[1].Confirm = "c", true
		})),
		Checkers: map[string]engine.Checker{"c": engine.CheckerFunc(func(context.Context, steps.Subject) (engine.Check, error) {
			return answer, nil
		})},
	})
	a := s.list(phone, "car-1").StepsID // asks the checker: nothing is proven yet
	answer = engine.Check{Proven: true, Until: s.now.Add(time.Hour)}
	require.Equal(t, steps.Held, s.tell(backend, steps.Completed, a, steps.DeviceActivation).Outcome)
	s.applied(steps.Completed, a, steps.TrustedPhone)
	shown, err := s.eng.Show(s.ctx, phone, a)
	require.NoError(t, err)
	require.Equal(t, answer.Until, shown.Proofs[1].Until)
}

// A revocation that failed halfway is sent again when its user has proven the
// step anew: what was proven since it was made stands.
func TestRevocationResentWithdrawsNothingNewer(t *testing.T) {
	s := newScene(t, engine.Options{})
	st := &scripted{Store: s.store}
	s.eng = s.open(st, engine.Options{})
	a := s.list(phone, "car-1").StepsID
	s.applied(steps.Completed, a, steps.TrustedPhone)
	s.list(phone, "car-2")
	revocation := event(steps.Revoked, a, "revocation", steps.TrustedPhone)
	s.now = s.now.Add(time.Minute)
	st.next = []func([]store.Change) []error{
		func(own []store.Change) []error { return s.store.Commit(s.ctx, own) },
		func([]store.Change) []error { return []error{store.ErrUnavailable} },
	}
	_, err := s.eng.Handle(s.ctx, support, revocation)
	require.ErrorIs(t, err, steps.ErrUnavailable)
	s.now = s.now.Add(time.Minute)
	s.applied(steps.Completed, a, steps.TrustedPhone)
	s.now = s.now.Add(time.Minute)
	v, err := s.eng.Handle(s.ctx, support, revocation)
	require.NoError(t, err)
	require.True(t, v.Duplicate)
	require.Equal(t, []string{steps.TrustedPhone}, done(s.list(phone, "car-3")))
}

// A user's subjects are erased under every name that they were written by, also
// where no plan knows it any more.
func TestErasureOfAStepThatNoPlanNames(t *testing.T) {
	one := rich(func(p *steps.Plan) { p.Steps[0].Budget = steps.Budget{Lifetime: 5} })
	s := newScene(t, engine.Options{Plans: catalog(t, one)})
	a := s.list(phone, "car-1").StepsID
	s.applied(steps.Failed, a, steps.TrustedPhone)
	s.applied(steps.Completed, a, steps.TrustedPhone)
	s.eng = s.open(s.store, engine.Options{Plans: catalog(t, one, renamed())})
	s.move(a)
	s.eng = s.open(s.store, engine.Options{Plans: catalog(t, renamed())})
	_, err := s.eng.Erase(s.ctx, support, phone.User, "ann", "asked")
	require.NoError(t, err)
	known, err := s.store.Evidence(s.ctx, []steps.Subject{{Step: steps.TrustedPhone, User: phone.User}})
	require.NoError(t, err)
	require.Zero(t, known[0])
	require.Zero(t, s.failures())
}

func TestMoveRenamesWhatIsHeld(t *testing.T) {
	hold := steps.Hold{Limit: 3, TTL: time.Hour}
	one := rich(func(p *steps.Plan) { p.Hold = hold })
	two := rich(func(p *steps.Plan) {
		p.Version, p.Hold = 2, hold
		p.Steps[1].Name, p.Steps[1].Aliases = "device", []string{steps.DeviceActivation}
	})
	s := newScene(t, engine.Options{Plans: catalog(t, one)})
	a := s.list(phone, "car-1").StepsID
	require.Equal(t, steps.Held, s.tell(backend, steps.Completed, a, steps.DeviceActivation).Outcome)
	s.eng = s.open(s.store, engine.Options{Plans: catalog(t, one, two)})
	s.move(a)
	s.applied(steps.Completed, a, steps.TrustedPhone)
	entries, err := s.eng.History(s.ctx, support, a)
	require.NoError(t, err)
	last := entries[len(entries)-1]
	require.Equal(t, steps.Absorbed, last.Kind)
	require.Equal(t, []string{"device"}, last.Steps)
}

// An activation that is expired tells nothing of its proofs; those that lapsed
// meanwhile do not come back with a move.
func TestMoveDoesNotReviveALapsedProof(t *testing.T) {
	one := rich(func(p *steps.Plan) { p.Deadline, p.Steps[0].TTL = 2*time.Hour, time.Hour })
	two := rich(func(p *steps.Plan) { p.Version, p.Steps = 2, p.Steps[:1] })
	s := newScene(t, engine.Options{Plans: catalog(t, one)})
	a := s.list(phone, "car-1").StepsID
	s.applied(steps.Completed, a, steps.TrustedPhone)
	s.now = s.now.Add(3 * time.Hour)
	s.eng = s.open(s.store, engine.Options{Plans: catalog(t, one, two)})
	require.EqualValues(t, steps.TrustedPhone, s.move(a).State)
}

// The store answered that it does not know, and had erased: the receipt names
// what is gone, as nothing will find it again.
func TestReceiptOfAnErasureOfUnknownOutcome(t *testing.T) {
	ctx := context.Background()
	faulty := storetest.NewFaulty(memstore.New(), storetest.Script(storetest.Erase, storetest.Fault{Kind: storetest.FailAfter}))
	eng, id := started(t, faulty, engine.Options{})
	receipt, err := eng.Erase(ctx, support, phone.User, "ann", "asked")
	require.NoError(t, err)
	require.Equal(t, 1, faulty.Hits(storetest.FailAfter))
	require.Len(t, receipt.Activations, 1)
	entries, err := eng.History(ctx, support, id)
	require.NoError(t, err)
	last := entries[len(entries)-1]
	require.Equal(t, engine.ErasedActivation{StepsID: id, Revision: last.Revision, Hash: last.Hash}, receipt.Activations[0])
}

// A version changed in place does not fit what is held by it, and the rules
// panic. That is the answer of one event, and nobody else waits for ever.
func TestPanicOfTheRulesIsOneAnswer(t *testing.T) {
	ctx := context.Background()
	st := memstore.New()
	hold := steps.Hold{Limit: 3, TTL: time.Hour}
	old, id := started(t, st, engine.Options{Plans: catalog(t, rich(func(p *steps.Plan) { p.Hold = hold }))})
	v, err := old.Handle(ctx, backend, event(steps.Completed, id, "1", steps.DeviceActivation))
	require.NoError(t, err)
	require.Equal(t, steps.Held, v.Outcome)
	eng, err := engine.New(st, engine.Options{Plans: catalog(t, rich(func(p *steps.Plan) { p.Hold, p.Steps[1].Name = hold, "other" }))})
	require.NoError(t, err)
	_, err = eng.Handle(ctx, backend, event(steps.Completed, id, "2", steps.TrustedPhone))
	require.ErrorIs(t, err, &steps.Error{Code: steps.CodeUnknown})
	_, err = eng.Steps(ctx, other, engine.StepsRequest{CarAssociationID: "car-2"})
	require.NoError(t, err)
	eng.Close()
}

// Of two lapsed proofs the one that the activation waits for says since when.
func TestSinceOfTwoLapsedProofs(t *testing.T) {
	s := newScene(t, engine.Options{Plans: catalog(t, rich(func(p *steps.Plan) {
		p.Steps[0].TTL, p.Steps[1].TTL = 2*time.Hour, time.Hour
	}))})
	a, start := s.list(phone, "car-1").StepsID, s.now
	s.applied(steps.Completed, a, steps.TrustedPhone, steps.DeviceActivation)
	s.now = start.Add(3 * time.Hour)
	list := s.list(phone, "car-1")
	require.EqualValues(t, steps.TrustedPhone, list.State)
	require.Equal(t, start.Add(2*time.Hour), list.Since)
}

// noVIN is a resolver that knows no vehicles.
type noVIN struct{ engine.OwnAssociations }

func (noVIN) Association(_ context.Context, user, id string) (steps.Association, bool, error) {
	return steps.Association{ID: id, User: user, Service: steps.RemoteCommands}, true, nil
}

// Without a VIN every vehicle would be the same one, and the key of one would
// count for all.
func TestNoActivationWithoutItsVehicle(t *testing.T) {
	s := newScene(t, engine.Options{Associations: noVIN{}})
	_, err := s.eng.Steps(s.ctx, phone, engine.StepsRequest{CarAssociationID: "car-1"})
	require.ErrorIs(t, err, steps.ErrUnavailable)
}

// A page full of activations of a version that the engine does not have hides
// none behind it.
func TestSweepGetsPastWhatItCannotJudge(t *testing.T) {
	one := rich(func(p *steps.Plan) { p.Deadline = time.Hour })
	two := rich(func(p *steps.Plan) { p.Deadline, p.Version = time.Hour, 2 })
	s := newScene(t, engine.Options{Plans: catalog(t, one)})
	for n := range store.MaxLimit {
		s.list(phone, fmt.Sprint(n))
	}
	s.now = s.now.Add(time.Minute)
	newer := s.open(s.store, engine.Options{Plans: catalog(t, two)})
	_, err := newer.Steps(s.ctx, phone, engine.StepsRequest{CarAssociationID: "new"})
	require.NoError(t, err)
	s.now = s.now.Add(2 * time.Hour)
	told, err := newer.Sweep(s.ctx, support)
	require.ErrorIs(t, err, steps.ErrUnavailable)
	require.Equal(t, 1, told)
	s.eng = s.open(s.store, engine.Options{Plans: catalog(t, one, two)}) // to verify it all
}

// The device is barred by a later step than the one that is to do.
func TestExplainOfABarredDevice(t *testing.T) {
	s := newScene(t, engine.Options{})
	a := s.list(phone, "car-1").StepsID
	s.applied(steps.Completed, a, steps.TrustedPhone, steps.DeviceActivation)
	s.applied(steps.Revoked, a, steps.DeviceActivation)
	s.applied(steps.Revoked, a, steps.TrustedPhone)
	_, err := s.eng.Next(s.ctx, phone, a)
	require.ErrorIs(t, err, steps.ErrNoDevice)
	x, err := s.eng.Explain(s.ctx, phone, a)
	require.NoError(t, err)
	require.Equal(t, engine.Device, x.Who)
	require.Contains(t, x.Blocks, steps.DeviceActivation)
}

// Looking records what was proven elsewhere, but not for ever.
func TestLooksDoNotGrowAFullHistory(t *testing.T) {
	s := newScene(t, engine.Options{Plans: catalog(t, rich(func(p *steps.Plan) { p.Steps[0].TTL = time.Second }))})
	a, b := s.list(phone, "car-1").StepsID, s.list(phone, "car-2").StepsID
	var events []steps.Event
	for n := range engine.MaxEntries {
		events = append(events, event(steps.Completed, a, fmt.Sprint(n), "noSuchStep"))
	}
	s.eng.HandleBatch(s.ctx, backend, events)
	full := len(s.kinds(a))
	require.GreaterOrEqual(t, full, engine.MaxEntries)
	for range 20 {
		s.now = s.now.Add(2 * time.Second)
		s.applied(steps.Completed, b, steps.TrustedPhone)
		s.list(phone, "car-1")
	}
	require.Len(t, s.kinds(a), full)
}

// A checker whose answer is over when it comes makes no reset of a retry.
func TestResetRetriedWithALapsedCheck(t *testing.T) {
	plans := catalog(t, rich(func(p *steps.Plan) { p.Steps[0].Checker = "c" }))
	s := newScene(t, engine.Options{
		Plans:    plans,
		Checkers: checker(engine.Check{Proven: true, Until: time.UnixMilli(1).UTC()}),
	})
	a := s.list(phone, "car-1").StepsID
	for range 3 {
		list, err := s.eng.Steps(s.ctx, phone, engine.StepsRequest{StepsID: a, Reset: true})
		require.NoError(t, err)
		require.EqualValues(t, 1, list.Epoch)
	}
}

// No JSON can write such a time, and the history would not be told.
func TestEventTimeThatNoJSONCanWrite(t *testing.T) {
	s := newScene(t, engine.Options{})
	ev := event(steps.Completed, s.list(phone, "car-1").StepsID, "1", steps.TrustedPhone)
	ev.Time = time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err := s.eng.Handle(s.ctx, backend, ev)
	require.ErrorIs(t, err, steps.ErrInvalid)
}

// A step told under two of its names failed once: one tally is written.
func TestFailureOfAStepAndItsAliasIsOne(t *testing.T) {
	opts := engine.Options{Plans: catalog(t, rich(func(p *steps.Plan) { p.Steps[0].Budget = steps.Budget{Lifetime: 9} }))}
	s := newScene(t, opts)
	a := s.list(phone, "car-1").StepsID
	var written []steps.Tally
	st := &scripted{Store: s.store, next: []func([]store.Change) []error{func(changes []store.Change) []error {
		written = changes[0].Tallies
		return s.store.Commit(s.ctx, changes)
	}}}
	s.eng = s.open(st, opts)
	s.applied(steps.Failed, a, steps.TrustedPhone, "trusterPhoneNumber")
	require.Len(t, written, 1)
	require.Equal(t, 1, s.failures())
}

// Another time to live makes other proofs of a history that is replayed.
func TestPreviewRefusesATTLChangedInPlace(t *testing.T) {
	lasting := func(ttl time.Duration) steps.Catalog {
		return catalog(t, rich(func(p *steps.Plan) { p.Steps[0].TTL = ttl }))
	}
	s := newScene(t, engine.Options{Plans: lasting(time.Hour)})
	_, _, err := s.eng.Preview(s.ctx, support, lasting(2*time.Hour), 0, 0)
	require.ErrorIs(t, err, steps.ErrInvalid)
	_, _, err = s.eng.Preview(s.ctx, support, lasting(time.Hour), 0, 0)
	require.NoError(t, err)
}

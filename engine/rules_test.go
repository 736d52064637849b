package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/memstore"
)

// scene is an engine on a store, with a clock that the test moves.
type scene struct {
	t     *testing.T
	ctx   context.Context
	eng   *engine.Engine
	store store.Store
	now   time.Time
	ids   int
}

func newScene(t *testing.T, opts engine.Options) *scene {
	t.Helper()
	s := &scene{t: t, ctx: context.Background(), store: memstore.New(), now: time.UnixMilli(1_780_000_000_000).UTC()}
	opts.Now = func() time.Time { return s.now }
	eng, err := engine.New(s.store, opts)
	require.NoError(t, err)
	s.eng = eng
	t.Cleanup(func() {
		s.verify()
		eng.Close()
	})
	return s
}

// verify requires that every history is whole and gives its stored record.
func (s *scene) verify() {
	s.t.Helper()
	v, err := s.eng.Verify(s.ctx, support, 0, 0)
	require.NoError(s.t, err)
	require.Empty(s.t, v.Faults)
}

func (s *scene) list(caller steps.Caller, association string) steps.List {
	s.t.Helper()
	list, err := s.eng.Steps(s.ctx, caller, engine.StepsRequest{CarAssociationID: association})
	require.NoError(s.t, err)
	return list
}

// tell has an event judged under an ID of its own.
func (s *scene) tell(caller steps.Caller, kind steps.Kind, id steps.ID, names ...string) steps.Verdict {
	s.t.Helper()
	s.ids++
	ev := steps.Event{Key: steps.EventID("test", fmt.Sprint(s.ids)), Kind: kind, StepsID: id, Steps: names}
	if kind != steps.Completed && kind != steps.Failed && kind != steps.Reset {
		ev.Actor, ev.Reason = "ann", "asked for"
	}
	v, err := s.eng.Handle(s.ctx, caller, ev)
	require.NoError(s.t, err)
	return v
}

func (s *scene) applied(kind steps.Kind, id steps.ID, names ...string) {
	s.t.Helper()
	caller := backend
	if kind != steps.Completed && kind != steps.Failed && kind != steps.Reset {
		caller = support
	}
	v := s.tell(caller, kind, id, names...)
	require.Equal(s.t, steps.Applied, v.Outcome, "%+v", v)
}

func (s *scene) refused(why steps.Refusal, kind steps.Kind, id steps.ID, names ...string) steps.Verdict {
	s.t.Helper()
	v := s.tell(backend, kind, id, names...)
	require.Equal(s.t, why, v.Reason, "%+v", v)
	return v
}

// kinds returns the kinds of an activation's entries.
func (s *scene) kinds(id steps.ID) []string {
	s.t.Helper()
	entries, err := s.eng.History(s.ctx, support, id)
	require.NoError(s.t, err)
	var kinds []string
	for i := range entries {
		kinds = append(kinds, entries[i].Kind.String())
	}
	return kinds
}

func done(list steps.List) []string {
	var names []string
	for _, item := range list.Items {
		if item.Status == steps.AlreadyDone {
			names = append(names, item.Name)
		}
	}
	return names
}

func catalog(t *testing.T, plans ...steps.Plan) steps.Catalog {
	t.Helper()
	c, err := steps.NewCatalog(plans...)
	require.NoError(t, err)
	return c
}

// rich returns the plan of the source text with something of its own.
func rich(change func(*steps.Plan)) steps.Plan {
	plan, _ := steps.Default().Latest(steps.RemoteCommands)
	plan.Steps = append([]steps.Step(nil), plan.Steps...)
	change(&plan)
	return plan
}

var (
	tablet = steps.Caller{User: "u-1", Device: "tablet", Rights: steps.Ask, Channel: "pims"}
	other  = steps.Caller{User: "u-2", Device: "phone", Rights: steps.Ask, Channel: "pims"}
)

func TestEvidenceCountsForItsSubject(t *testing.T) {
	s := newScene(t, engine.Options{})
	first := s.list(phone, "car-1").StepsID
	for _, step := range []string{steps.TrustedPhone, steps.DeviceActivation, steps.MediumCarKey} {
		s.applied(steps.Completed, first, step)
	}
	second := s.list(phone, "car-2")
	require.Equal(t, []string{steps.TrustedPhone, steps.DeviceActivation}, done(second), "a second vehicle")
	require.EqualValues(t, steps.MediumCarKey, second.State)
	require.Equal(t, []string{steps.TrustedPhone, steps.MediumCarKey}, done(s.list(tablet, "car-1")), "a new phone")
	require.Empty(t, done(s.list(other, "car-1")), "another user")

	shown, err := s.eng.Show(s.ctx, phone, second.StepsID)
	require.NoError(t, err)
	require.Equal(t, steps.Origin{StepsID: first, Event: steps.EventID("test", "1"), At: s.now}, shown.Items[0].Origin)
	require.Equal(t, []string{"created", "inherited", "inherited"}, s.kinds(second.StepsID))
}

func TestEvidenceReachesActivationsInFlight(t *testing.T) {
	s := newScene(t, engine.Options{})
	a, b := s.list(phone, "car-1").StepsID, s.list(phone, "car-2").StepsID
	s.applied(steps.Completed, a, steps.TrustedPhone)
	require.Equal(t, []string{steps.TrustedPhone}, done(s.list(phone, "car-2")), "when the device asks")
	s.applied(steps.Completed, a, steps.DeviceActivation)
	s.applied(steps.Completed, b, steps.MediumCarKey) // in its turn, by what was proven on the other
	require.EqualValues(t, steps.StateActivated, s.list(phone, "car-2").State)
	require.Equal(t, []string{"created", "inherited", "inherited", "completed"}, s.kinds(b))
}

func TestResetWithdrawsEvidence(t *testing.T) {
	s := newScene(t, engine.Options{})
	a := s.list(phone, "car-1").StepsID
	s.applied(steps.Completed, a, steps.TrustedPhone, steps.DeviceActivation)
	b := s.list(phone, "car-2")
	_, err := s.eng.Steps(s.ctx, phone, engine.StepsRequest{StepsID: a, Reset: true})
	require.NoError(t, err)
	require.Empty(t, done(s.list(phone, "car-1")))
	require.Empty(t, done(s.list(phone, "car-3")), "nothing is proven for a third vehicle")
	require.Equal(t, done(b), done(s.list(phone, "car-2")), "what stands elsewhere stays")
}

func TestResetOfOneStep(t *testing.T) {
	s := newScene(t, engine.Options{})
	a := s.list(phone, "car-1").StepsID
	s.applied(steps.Completed, a, steps.TrustedPhone, steps.DeviceActivation, steps.MediumCarKey)
	for range 2 { // the second is the first one's retry
		list, err := s.eng.Steps(s.ctx, phone, engine.StepsRequest{StepsID: a, Reset: true, ResetStep: steps.DeviceActivation})
		require.NoError(t, err)
		require.Equal(t, []string{steps.TrustedPhone, steps.MediumCarKey}, done(list))
		require.EqualValues(t, 1, list.Epoch)
	}
	s.applied(steps.Completed, a, steps.DeviceActivation)
	require.EqualValues(t, steps.StateActivated, s.list(phone, "car-1").State)
	_, err := s.eng.Steps(s.ctx, phone, engine.StepsRequest{StepsID: a, Reset: true, ResetStep: "noSuchStep"})
	require.ErrorIs(t, err, steps.ErrInvalid)
}

func TestHold(t *testing.T) {
	s := newScene(t, engine.Options{Plans: catalog(t, rich(func(p *steps.Plan) {
		p.Hold = steps.Hold{Limit: 2, TTL: time.Hour}
	}))})
	a := s.list(phone, "car-1").StepsID
	early := s.tell(backend, steps.Completed, a, steps.MediumCarKey)
	require.Equal(t, steps.Held, early.Outcome)
	require.Equal(t, s.now.Add(time.Hour), early.Until)
	require.Equal(t, steps.Held, s.tell(backend, steps.Completed, a, steps.DeviceActivation).Outcome)
	s.refused(steps.HoldFull, steps.Completed, a, steps.MediumCarKey)
	s.applied(steps.Completed, a, steps.TrustedPhone)
	require.EqualValues(t, steps.StateActivated, s.list(phone, "car-1").State)
	require.Equal(t, []string{"created", "completed", "completed", "completed", "completed", "absorbed", "absorbed"}, s.kinds(a))

	again, err := s.eng.Handle(s.ctx, backend, steps.Event{
		Key: steps.EventID("test", "1"), Kind: steps.Completed, StepsID: a, Steps: []string{steps.MediumCarKey},
	})
	require.NoError(t, err)
	early.Duplicate = true
	require.Equal(t, early, again)
	list := s.list(phone, "car-2")
	require.Equal(t, []string{steps.TrustedPhone, steps.DeviceActivation}, done(list), "absorbed completions are evidence")
}

func TestHeldTooLong(t *testing.T) {
	s := newScene(t, engine.Options{Plans: catalog(t, rich(func(p *steps.Plan) {
		p.Hold = steps.Hold{Limit: 2, TTL: time.Hour}
	}))})
	a := s.list(phone, "car-1").StepsID
	s.tell(backend, steps.Completed, a, steps.MediumCarKey)
	s.now = s.now.Add(time.Hour)
	s.applied(steps.Completed, a, steps.TrustedPhone, steps.DeviceActivation)
	require.EqualValues(t, steps.MediumCarKey, s.list(phone, "car-1").State)
	require.Equal(t, []string{"created", "completed", "dropped", "completed"}, s.kinds(a))
}

func TestBudget(t *testing.T) {
	s := newScene(t, engine.Options{Plans: catalog(t, rich(func(p *steps.Plan) {
		p.Steps[0].Budget = steps.Budget{Tries: 3, Window: 10 * time.Minute, Lockout: time.Hour, Lifetime: 5}
	}))})
	a, b := s.list(phone, "car-1").StepsID, s.list(phone, "car-2").StepsID
	s.applied(steps.Failed, a, steps.TrustedPhone)
	s.now = s.now.Add(10 * time.Minute)
	for _, id := range []steps.ID{a, b, a} { // of all activations together, the first no longer counts
		s.applied(steps.Failed, id, steps.TrustedPhone)
	}
	opens := s.now.Add(time.Hour)
	require.Equal(t, opens, s.refused(steps.Locked, steps.Completed, b, steps.TrustedPhone).Until)
	_, err := s.eng.Next(s.ctx, phone, a)
	blocked, _ := errors.AsType[*steps.Error](err)
	require.Equal(t, steps.CodeBlocked, blocked.Code)
	require.Equal(t, opens, blocked.RetryAt)
	_, err = s.eng.Steps(s.ctx, phone, engine.StepsRequest{StepsID: a, Reset: true})
	require.ErrorIs(t, err, steps.ErrBlocked, "a reset gives nothing back")

	s.now = opens
	s.applied(steps.Failed, a, steps.TrustedPhone) // the fifth ever
	require.Zero(t, s.refused(steps.Locked, steps.Completed, a, steps.TrustedPhone).Until)
	x, err := s.eng.Explain(s.ctx, phone, a)
	require.NoError(t, err)
	require.Equal(t, engine.Operator, x.Who)
	s.applied(steps.Unlocked, a)
	s.applied(steps.Completed, a, steps.TrustedPhone)
}

func TestFailuresAreCountedTogether(t *testing.T) {
	s := newScene(t, engine.Options{Plans: catalog(t, rich(func(p *steps.Plan) {
		p.Steps[0].Budget = steps.Budget{Lifetime: 1000}
	}))})
	var wg sync.WaitGroup
	for n := range 8 {
		id := s.list(phone, fmt.Sprint("car-", n)).StepsID
		for i := range 5 {
			wg.Go(func() {
				ev := steps.Event{Key: steps.EventID("sms", fmt.Sprint(n, i)), Kind: steps.Failed, StepsID: id, Steps: []string{steps.TrustedPhone}}
				_, err := s.eng.Handle(s.ctx, backend, ev)
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	tallies, err := s.store.Tallies(s.ctx, []steps.Subject{{Step: steps.TrustedPhone, User: phone.User}})
	require.NoError(t, err)
	require.Equal(t, 40, tallies[0].Total)
}

func TestExpiry(t *testing.T) {
	s := newScene(t, engine.Options{Plans: catalog(t, rich(func(p *steps.Plan) {
		p.Steps[1].TTL = 24 * time.Hour
		p.Deadline = time.Hour
	}))})
	slow := s.list(other, "car-9").StepsID
	a := s.list(phone, "car-1").StepsID
	s.applied(steps.Completed, a, steps.TrustedPhone, steps.DeviceActivation, steps.MediumCarKey)
	s.now = s.now.Add(time.Hour)
	_, err := s.eng.Next(s.ctx, other, slow)
	require.ErrorIs(t, err, steps.ErrRefused)
	s.refused(steps.IsExpired, steps.Completed, slow, steps.TrustedPhone)
	list, err := s.eng.Steps(s.ctx, other, engine.StepsRequest{StepsID: slow, Reset: true})
	require.NoError(t, err)
	require.EqualValues(t, steps.TrustedPhone, list.State)

	s.now = s.now.Add(23 * time.Hour)
	b := s.list(phone, "car-2")
	require.Equal(t, []string{steps.TrustedPhone}, done(b))
	lapsed := s.list(phone, "car-1")
	require.EqualValues(t, steps.DeviceActivation, lapsed.State)
	require.Equal(t, s.now, lapsed.Since)
	s.now = s.now.Add(time.Minute)
	require.Equal(t, lapsed.Since, s.list(phone, "car-1").Since)
	for _, told := range []int{2, 0} {
		n, err := s.eng.Sweep(s.ctx, support)
		require.NoError(t, err)
		require.Equal(t, told, n)
	}
	require.Equal(t, []string{"created", "completed", "expired"}, s.kinds(a))
	require.Equal(t, lapsed.Since, s.list(phone, "car-1").Since)
}

func TestSweepersTellOnce(t *testing.T) {
	s := newScene(t, engine.Options{Plans: catalog(t, rich(func(p *steps.Plan) { p.Deadline = time.Hour }))})
	replica, err := engine.New(s.store, engine.Options{Plans: s.eng.Plans(), Now: func() time.Time { return s.now }})
	require.NoError(t, err)
	defer replica.Close()
	for n := range 50 {
		s.list(phone, fmt.Sprint("car-", n))
	}
	s.now = s.now.Add(time.Hour)
	var told [4]int
	var wg sync.WaitGroup
	for i := range told {
		wg.Go(func() {
			var err error
			told[i], err = []*engine.Engine{s.eng, replica}[i%2].Sweep(s.ctx, support)
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, 50, told[0]+told[1]+told[2]+told[3])
	changes, err := s.eng.Changes(s.ctx, support, "", 1000)
	require.NoError(t, err)
	require.Len(t, changes, 100)
}

func TestOperatorsActs(t *testing.T) {
	s := newScene(t, engine.Options{})
	a, b := s.list(phone, "car-1").StepsID, s.list(phone, "car-2").StepsID
	s.applied(steps.Overridden, a, steps.DeviceActivation)
	require.Empty(t, done(s.list(phone, "car-2")), "an operator vouches for one activation alone")
	s.applied(steps.Completed, a, steps.TrustedPhone)
	require.EqualValues(t, steps.MediumCarKey, s.list(phone, "car-1").State)
	s.applied(steps.Completed, b, steps.DeviceActivation)

	s.applied(steps.Revoked, a, steps.DeviceActivation)
	for _, id := range []steps.ID{a, b} {
		_, err := s.eng.Next(s.ctx, phone, id)
		require.ErrorIs(t, err, steps.ErrNoDevice, "revoked for the device, wherever it counted")
	}
	require.Empty(t, done(s.list(tablet, "car-1"))[1:])
	list, err := s.eng.Steps(s.ctx, phone, engine.StepsRequest{StepsID: a, Reset: true})
	require.NoError(t, err)
	require.EqualValues(t, steps.TrustedPhone, list.State)
	s.applied(steps.Completed, b, steps.DeviceActivation)
	require.EqualValues(t, steps.MediumCarKey, s.list(phone, "car-2").State, "proven anew")

	for _, kind := range []steps.Kind{steps.Overridden, steps.Revoked, steps.Unlocked, steps.Moved, steps.Cancelled} {
		ev := steps.Event{Key: steps.EventID("x", "1"), Kind: kind, StepsID: a, Actor: "ann", Reason: "why", Steps: []string{steps.TrustedPhone}}
		if kind == steps.Cancelled || kind == steps.Moved {
			ev.Steps = nil
		}
		if kind == steps.Moved {
			ev.Plan = 1
		}
		for _, caller := range []steps.Caller{phone, backend} {
			_, err := s.eng.Handle(s.ctx, caller, ev)
			require.ErrorIs(t, err, steps.ErrForbidden)
		}
		ev.Reason = ""
		_, err := s.eng.Handle(s.ctx, support, ev)
		require.ErrorIs(t, err, steps.ErrMissing)
	}
}

// directory is a checker that the test rules.
type directory struct {
	mu     sync.Mutex
	proven map[steps.Subject]engine.Check
	err    error
	hang   bool
}

// set changes what it says; a check that was given up may still be under way.
func (d *directory) set(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
}

func (d *directory) Check(ctx context.Context, s steps.Subject) (engine.Check, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.hang {
		<-ctx.Done()
		return engine.Check{}, ctx.Err()
	}
	return d.proven[s], d.err
}

func TestCheckers(t *testing.T) {
	trusted := steps.Subject{Step: steps.TrustedPhone, User: phone.User}
	checker := &directory{proven: map[steps.Subject]engine.Check{trusted: {Proven: true}}}
	plan := rich(func(p *steps.Plan) {
		p.Steps[0].Checker = "phones"
		p.Steps[1].Checker, p.Steps[1].Confirm = "phones", true
	})
	opts := engine.Options{
		Plans: catalog(t, plan), Checkers: map[string]engine.Checker{"phones": checker}, CheckTimeout: 10 * time.Millisecond,
	}
	_, err := engine.New(memstore.New(), engine.Options{Plans: opts.Plans})
	require.ErrorIs(t, err, steps.ErrInvalid, "a checker is missing")
	s := newScene(t, opts)
	a := s.list(phone, "car-1")
	require.Equal(t, []string{steps.TrustedPhone}, done(a))
	require.Equal(t, []string{"created", "checked"}, s.kinds(a.StepsID))

	s.refused(steps.NotConfirmed, steps.Completed, a.StepsID, steps.DeviceActivation)
	activated := steps.Subject{Step: steps.DeviceActivation, User: phone.User, Device: phone.Device}
	checker.set(func() { checker.proven[activated] = engine.Check{Proven: true, Until: s.now.Add(time.Hour)} })
	require.Equal(t, steps.Applied, s.tell(phone, steps.Completed, a.StepsID, steps.DeviceActivation).Outcome, "a device's own, confirmed")
	require.Equal(t, steps.UnknownActivation, s.tell(other, steps.Completed, a.StepsID, steps.DeviceActivation).Reason)

	checker.set(func() { checker.err = errors.New("out of order") })
	before := s.kinds(a.StepsID)
	_, err = s.eng.Steps(s.ctx, phone, engine.StepsRequest{StepsID: a.StepsID, Reset: true})
	failed, _ := errors.AsType[*steps.Error](err)
	require.Equal(t, steps.CodeServer, failed.Code)
	require.Equal(t, []string{steps.TrustedPhone}, failed.Steps)
	checker.set(func() { checker.err, checker.hang = nil, true })
	_, err = s.eng.Steps(s.ctx, phone, engine.StepsRequest{StepsID: a.StepsID, Reset: true})
	require.ErrorIs(t, err, steps.ErrTimeout)
	require.Equal(t, before, s.kinds(a.StepsID), "nothing changed")
	checker.set(func() { checker.hang = false })

	for range 2 {
		list, err := s.eng.Steps(s.ctx, phone, engine.StepsRequest{StepsID: a.StepsID, Reset: true})
		require.NoError(t, err)
		require.Equal(t, []string{steps.TrustedPhone, steps.DeviceActivation}, done(list), "derived from the checker")
		require.EqualValues(t, 1, list.Epoch)
	}
	checker.set(func() { checker.proven[trusted] = engine.Check{} })
	list, err := s.eng.Steps(s.ctx, phone, engine.StepsRequest{StepsID: a.StepsID, Reset: true})
	require.NoError(t, err)
	require.Equal(t, []string{steps.DeviceActivation}, done(list), "the checker has changed its mind")
}

type onlyVIN string

func (v onlyVIN) Eligible(_ context.Context, a steps.Association) (string, error) {
	if a.VIN != string(v) {
		return "the vehicle has no modem", nil
	}
	return "", nil
}

func TestEligibility(t *testing.T) {
	s := newScene(t, engine.Options{Eligibility: onlyVIN("DEVcar-1")})
	s.list(phone, "car-1")
	_, err := s.eng.Steps(s.ctx, phone, engine.StepsRequest{CarAssociationID: "car-2"})
	require.ErrorIs(t, err, steps.ErrRefused)
	require.ErrorContains(t, err, "no modem")
	found, err := s.eng.List(s.ctx, support, store.Query{})
	require.NoError(t, err)
	require.Len(t, found, 1)
}

func TestMove(t *testing.T) {
	one := rich(func(*steps.Plan) {})
	two := rich(func(p *steps.Plan) {
		p.Version, p.TakeOver = 2, true
		p.Steps = append([]steps.Step{{Name: "identity", Scope: steps.ScopeUser}}, p.Steps...)
		p.Steps[3].Name, p.Steps[3].Aliases = "carKey", []string{steps.MediumCarKey}
	})
	s := newScene(t, engine.Options{Plans: catalog(t, one)})
	a, b := s.list(phone, "car-1").StepsID, s.list(other, "car-1").StepsID
	s.applied(steps.Completed, a, steps.TrustedPhone, steps.DeviceActivation, steps.MediumCarKey)

	plans := catalog(t, one, two)
	moves, next, err := s.eng.Preview(s.ctx, support, plans, 0, 0)
	require.NoError(t, err)
	require.Zero(t, next)
	require.Equal(t, []engine.Move{
		{StepsID: a, Service: one.Service, Effect: engine.Relocked, From: 1, To: 2, Before: steps.StateActivated, After: "identity"},
		{StepsID: b, Service: one.Service, Effect: engine.Moves, From: 1, To: 2, Before: steps.TrustedPhone, After: "identity"},
	}, moves)
	_, _, err = s.eng.Preview(s.ctx, support, catalog(t, rich(func(p *steps.Plan) { p.Steps[0].Name = "other" })), 0, 0)
	require.ErrorIs(t, err, steps.ErrInvalid, "a version changed in place")
	moves, _, err = s.eng.Preview(s.ctx, support, catalog(t, two), 0, 1)
	require.NoError(t, err)
	require.Equal(t, engine.Stranded, moves[0].Effect)

	eng, err := engine.New(s.store, engine.Options{Plans: plans, Now: func() time.Time { return s.now }})
	require.NoError(t, err)
	defer s.eng.Close()
	s.eng = eng
	v, err := eng.Handle(s.ctx, support, steps.Event{
		Key: steps.EventID("plan", "2"), Kind: steps.Moved, StepsID: a, Plan: 2, Actor: "ann", Reason: "the law",
	})
	require.NoError(t, err)
	require.EqualValues(t, "identity", v.State)
	s.applied(steps.Completed, a, "identity")
	list := s.list(phone, "car-1")
	require.EqualValues(t, steps.StateActivated, list.State)
	require.Equal(t, "carKey", list.Items[3].Name)
}

func TestErase(t *testing.T) {
	s := newScene(t, engine.Options{Plans: catalog(t, rich(func(p *steps.Plan) {
		p.Steps[0].Budget = steps.Budget{Lifetime: 9}
	}))})
	a, b := s.list(phone, "car-1").StepsID, s.list(other, "car-1").StepsID
	s.applied(steps.Failed, a, steps.TrustedPhone)
	s.applied(steps.Completed, a, steps.TrustedPhone)

	_, err := s.eng.Erase(s.ctx, backend, phone.User, "ann", "asked")
	require.ErrorIs(t, err, steps.ErrForbidden)
	receipt, err := s.eng.Erase(s.ctx, support, phone.User, "ann", "asked by mail")
	require.NoError(t, err)
	require.Len(t, receipt.Activations, 1)
	require.Equal(t, a, receipt.Activations[0].StepsID)

	_, err = s.eng.Next(s.ctx, phone, a)
	require.ErrorIs(t, err, steps.ErrNotFound)
	s.refused(steps.UnknownActivation, steps.Completed, a, steps.DeviceActivation)
	entries, err := s.eng.History(s.ctx, support, a)
	require.NoError(t, err)
	require.NotContains(t, fmt.Sprintf("%+v", entries[:3]), phone.User)
	require.NotContains(t, fmt.Sprintf("%+v", entries[:3]), "test")
	require.Equal(t, steps.Erased, entries[3].Kind)
	require.Equal(t, receipt.Activations[0].Hash, entries[3].Hash)
	known, err := s.store.Evidence(s.ctx, []steps.Subject{{Step: steps.TrustedPhone, User: phone.User}})
	require.NoError(t, err)
	require.Zero(t, known[0])

	again := s.list(phone, "car-1")
	require.NotEqual(t, a, again.StepsID)
	require.Empty(t, done(again))
	require.EqualValues(t, steps.TrustedPhone, s.list(other, "car-1").State)
	require.Equal(t, []string{"created"}, s.kinds(b))
}

// forgetful is a resolver that can forget.
type forgetful struct {
	engine.OwnAssociations
	err       error
	forgotten []string
}

func (f *forgetful) Erase(_ context.Context, user string) error {
	f.forgotten = append(f.forgotten, user)
	return f.err
}

// TestEraseForgets: the resolver forgets too, and where it cannot the receipt
// comes with why.
func TestEraseForgets(t *testing.T) {
	own := engine.OwnAssociations{Service: steps.RemoteCommands}
	for _, row := range []struct{ fails, want error }{
		{nil, nil},
		{steps.ErrRefused, steps.ErrRefused},
		{context.DeadlineExceeded, steps.ErrTimeout},
		{errors.New("disk full"), steps.ErrUnavailable},
	} {
		resolver := &forgetful{OwnAssociations: own, err: row.fails}
		s := newScene(t, engine.Options{Associations: resolver})
		s.list(phone, "car-1")
		receipt, err := s.eng.Erase(s.ctx, support, phone.User, "ann", "asked")
		require.ErrorIs(t, err, row.want)
		require.Len(t, receipt.Activations, 1)
		require.Equal(t, []string{phone.User}, resolver.forgotten)
	}
}

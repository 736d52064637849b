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

// scripted is a store whose next commits are replaced.
type scripted struct {
	store.Store
	next []func(changes []store.Change) []error
}

func (s *scripted) Commit(ctx context.Context, changes []store.Change) []error {
	if len(s.next) == 0 {
		return s.Store.Commit(ctx, changes)
	}
	next := s.next[0]
	s.next = s.next[1:]
	return next(changes)
}

// started returns an engine on a store with one activation.
func started(t *testing.T, st store.Store, opts engine.Options) (*engine.Engine, steps.ID) {
	t.Helper()
	eng, err := engine.New(st, opts)
	require.NoError(t, err)
	t.Cleanup(eng.Close)
	list, err := eng.Steps(context.Background(), phone, engine.StepsRequest{CarAssociationID: "987654"})
	require.NoError(t, err)
	return eng, list.StepsID
}

// TestUnansweredChange: what a store does not answer for is not acknowledged,
// and the engine goes on.
func TestUnansweredChange(t *testing.T) {
	ctx := context.Background()
	st := &scripted{Store: memstore.New()}
	eng, id := started(t, st, engine.Options{})
	ev := steps.Completion(steps.EventID("sms", "1"), id, steps.TrustedPhone)

	for name, commit := range map[string]func([]store.Change) []error{
		"too few results":  func([]store.Change) []error { return nil },
		"too many results": func([]store.Change) []error { return make([]error, 7) },
	} {
		st.next = []func([]store.Change) []error{commit}
		_, err := eng.Handle(ctx, backend, ev)
		require.ErrorIs(t, err, steps.ErrUnavailable, name)
	}
	st.next = []func([]store.Change) []error{func([]store.Change) []error { panic("store") }}
	require.Panics(t, func() { _, _ = eng.Handle(ctx, backend, ev) })

	verdict, err := eng.Handle(ctx, backend, ev)
	require.NoError(t, err)
	require.Equal(t, steps.Applied, verdict.Outcome)
	require.False(t, verdict.Duplicate)
}

// TestNothingOvertakes: where an event of a batch has no verdict, later ones of
// its activation are not judged before it.
func TestNothingOvertakes(t *testing.T) {
	ctx := context.Background()
	faulty := storetest.NewFaulty(memstore.New(), storetest.Script(storetest.Commit))
	eng, id := started(t, faulty, engine.Options{})
	other, err := eng.Steps(ctx, phone, engine.StepsRequest{CarAssociationID: "other"})
	require.NoError(t, err)

	events := []steps.Event{steps.Completion(steps.EventID("sms", "first"), id, steps.TrustedPhone)}
	for n := range 1023 {
		events = append(events, steps.Completion(steps.EventID("sms", fmt.Sprint("fill-", n)), 7, steps.TrustedPhone))
	}
	events = append(events,
		steps.Completion(steps.EventID("sms", "second"), id, steps.DeviceActivation),
		steps.Completion(steps.EventID("sms", "other"), other.StepsID, steps.TrustedPhone))

	faulty.SetPlan(storetest.Script(storetest.Commit, storetest.Fault{Kind: storetest.FailBefore}))
	results := eng.HandleBatch(ctx, backend, events)
	require.ErrorIs(t, results[0].Err, steps.ErrUnavailable)
	require.ErrorIs(t, results[1024].Err, steps.ErrUnavailable)
	require.Equal(t, steps.Applied, results[1025].Verdict.Outcome)

	results = eng.HandleBatch(ctx, backend, events)
	require.Equal(t, steps.Applied, results[0].Verdict.Outcome)
	require.Equal(t, steps.Applied, results[1024].Verdict.Outcome)
	require.True(t, results[1025].Verdict.Duplicate)
}

// TestCallersMemoryIsTheirs: an event may be changed once it has its verdict.
func TestCallersMemoryIsTheirs(t *testing.T) {
	ctx := context.Background()
	st := memstore.New()
	eng, id := started(t, st, engine.Options{})
	names, epoch := []string{"noSuchStep"}, uint32(0)
	ev := steps.Completion(steps.EventID("sms", "1"), id, names...)
	ev.Epoch = &epoch
	_, err := eng.Handle(ctx, backend, ev)
	require.NoError(t, err)
	names[0], epoch = "changed", 9

	entries, err := eng.History(ctx, phone, id)
	require.NoError(t, err)
	require.Equal(t, []string{"noSuchStep"}, entries[1].Steps)
	require.EqualValues(t, 0, *entries[1].Claimed)
	stored, err := st.Load(ctx, []steps.ID{id})
	require.NoError(t, err)
	require.NoError(t, steps.VerifyHistory(&stored[0], entries))
}

// TestAliasesAreNeverWritten: an alias is the step itself, in the history and
// in what counts as the same event.
func TestAliasesAreNeverWritten(t *testing.T) {
	ctx := context.Background()
	eng, id := started(t, memstore.New(), engine.Options{})
	verdict, err := eng.Handle(ctx, backend, steps.Completion(steps.EventID("sms", "1"), id, "trusterPhoneNumber", steps.DeviceActivation))
	require.NoError(t, err)
	require.EqualValues(t, steps.MediumCarKey, verdict.State)
	again, err := eng.Handle(ctx, backend, steps.Completion(steps.EventID("sms", "1"), id, steps.TrustedPhone, steps.DeviceActivation))
	require.NoError(t, err)
	require.True(t, again.Duplicate)
	entries, err := eng.History(ctx, phone, id)
	require.NoError(t, err)
	require.Equal(t, []string{steps.TrustedPhone, steps.DeviceActivation}, entries[1].Steps)
}

// TestDeviceCannotFillItsHistory: a reset after a reset is none.
func TestDeviceCannotFillItsHistory(t *testing.T) {
	ctx := context.Background()
	eng, id := started(t, memstore.New(), engine.Options{})
	for range 20 {
		list, err := eng.Steps(ctx, phone, engine.StepsRequest{StepsID: id, Reset: true})
		require.NoError(t, err)
		require.EqualValues(t, 1, list.Epoch)
	}
	_, err := eng.Handle(ctx, backend, steps.Completion(steps.EventID("sms", "1"), id, steps.TrustedPhone))
	require.NoError(t, err)
	list, err := eng.Steps(ctx, phone, engine.StepsRequest{StepsID: id, Reset: true})
	require.NoError(t, err)
	require.EqualValues(t, 2, list.Epoch)
	require.EqualValues(t, 4, list.Revision)
}

// TestFullHistory: what the outside sends is bounded, operators go on.
func TestFullHistory(t *testing.T) {
	ctx := context.Background()
	eng, id := started(t, memstore.New(), engine.Options{})
	var events []steps.Event
	for n := range engine.MaxEntries {
		ev := steps.Completion(steps.EventID("sms", fmt.Sprint(n)), id, steps.TrustedPhone)
		ev.Kind = steps.Failed
		events = append(events, ev)
	}
	results := eng.HandleBatch(ctx, backend, events)
	require.Equal(t, steps.Applied, results[engine.MaxEntries-2].Verdict.Outcome)
	require.Equal(t, steps.Exhausted, results[engine.MaxEntries-1].Verdict.Reason)
	again, err := eng.Handle(ctx, backend, events[5])
	require.NoError(t, err)
	require.True(t, again.Duplicate)
	_, err = eng.Steps(ctx, phone, engine.StepsRequest{StepsID: id, Reset: true})
	require.ErrorIs(t, err, steps.ErrRefused)
	verdict, err := eng.Handle(ctx, support, steps.Event{Key: steps.EventID("desk", "1"), Kind: steps.Reset, StepsID: id})
	require.NoError(t, err)
	require.Equal(t, steps.Applied, verdict.Outcome)
}

// TestCallersAreChecked before anything is kept of them.
func TestCallersAreChecked(t *testing.T) {
	ctx := context.Background()
	eng, _ := started(t, memstore.New(), engine.Options{})
	ask := engine.StepsRequest{CarAssociationID: "1"}
	for want, caller := range map[*steps.Error]steps.Caller{
		steps.ErrNoToken:   {Device: "d", Rights: steps.Ask},
		steps.ErrNoDevice:  {User: "u", Rights: steps.Ask},
		steps.ErrForbidden: {User: "u", Device: "d"},
		steps.ErrInvalid:   {User: "u\x00", Device: "d", Rights: steps.Ask},
	} {
		_, err := eng.Steps(ctx, caller, ask)
		require.ErrorIs(t, err, want)
	}
}

// foreign is a resolver that mixes up its users.
type foreign struct{ engine.OwnAssociations }

func (f foreign) ByVIN(context.Context, string, string) ([]steps.Association, error) {
	return []steps.Association{{ID: "1", User: "somebody else", Service: f.Service}}, nil
}

func TestForeignAssociation(t *testing.T) {
	eng, _ := started(t, memstore.New(), engine.Options{Associations: foreign{engine.OwnAssociations{Service: steps.RemoteCommands}}})
	_, err := eng.Steps(context.Background(), phone, engine.StepsRequest{VIN: "VIN"})
	require.ErrorIs(t, err, steps.ErrInvalid)
}

// TestDeadlineHoldsWhileLeading: a caller that leads a batch gives up in time,
// and its batch goes on.
func TestDeadlineHoldsWhileLeading(t *testing.T) {
	free := make(chan struct{})
	mem := memstore.New()
	st := &scripted{Store: mem}
	eng, id := started(t, st, engine.Options{})
	st.next = []func([]store.Change) []error{func(changes []store.Change) []error {
		<-free
		return mem.Commit(context.Background(), changes)
	}}
	ev := steps.Completion(steps.EventID("sms", "1"), id, steps.TrustedPhone)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	_, err := eng.Handle(ctx, backend, ev)
	require.ErrorIs(t, err, steps.ErrTimeout)
	close(free)
	verdict, err := eng.Handle(context.Background(), backend, ev)
	require.NoError(t, err)
	require.True(t, verdict.Duplicate)
}

// withdrawn is a resolver that no longer gives what it gave.
type withdrawn struct {
	engine.OwnAssociations
	gone bool
}

func (w *withdrawn) Association(ctx context.Context, user, id string) (steps.Association, bool, error) {
	a, ok, err := w.OwnAssociations.Association(ctx, user, id)
	return a, ok && !w.gone, err
}

// TestKeptOut: who was cancelled and has lost the association cannot begin again.
func TestKeptOut(t *testing.T) {
	ctx := context.Background()
	resolver := &withdrawn{OwnAssociations: engine.OwnAssociations{Service: steps.RemoteCommands}}
	eng, id := started(t, memstore.New(), engine.Options{Associations: resolver})
	cancel := steps.Event{Key: steps.EventID("desk", "1"), Kind: steps.Cancelled, StepsID: id, Actor: "ann", Reason: "sold"}
	_, err := eng.Handle(ctx, support, cancel)
	require.NoError(t, err)
	resolver.gone = true
	_, err = eng.Steps(ctx, phone, engine.StepsRequest{StepsID: id, Reset: true})
	require.ErrorIs(t, err, steps.ErrRefused)
	resolver.gone = false
	list, err := eng.Steps(ctx, phone, engine.StepsRequest{StepsID: id, Reset: true})
	require.NoError(t, err)
	require.EqualValues(t, steps.TrustedPhone, list.State)
}

package pebblestore

import (
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/storetest"
)

// openMem opens a store in memory.
func openMem(t *testing.T) *Store {
	s, err := Open("store", &Options{FS: vfs.NewMem()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func commit(t *testing.T, s *Store, c store.Change) {
	require.NoError(t, s.Commit(t.Context(), []store.Change{c})[0])
}

// stored returns the key and the value of the evidence of a subject.
func stored(t *testing.T, s *Store, subject steps.Subject) (key subjectKey, value []byte) {
	var keys subjectKeys
	key = keys.of(evidenceKind, &subject)
	value, err := s.get(key[:])
	require.NoError(t, err)
	return key, value
}

// Evidence of an entry that it comes with is a reference; any other, and what
// the erasure of the entry leaves of the first, is kept whole.
func TestFormsOfEvidence(t *testing.T) {
	for name, test := range map[string]struct {
		alter func(w *storetest.Walk, e *steps.Evidence)
		form  byte
	}{
		"as an entry says":        {func(*storetest.Walk, *steps.Evidence) {}, entryForm},
		"for an hour":             {func(_ *storetest.Walk, e *steps.Evidence) { e.Until = e.At.Add(time.Hour) }, entryForm},
		"until before it began":   {func(_ *storetest.Walk, e *steps.Evidence) { e.Until = e.At.Add(-time.Hour) }, entryForm},
		"of the entry before":     {func(w *storetest.Walk, e *steps.Evidence) { e.At, e.Event = w.Entries[1].At, w.Entries[1].Event }, entryForm},
		"until it began":          {func(_ *storetest.Walk, e *steps.Evidence) { e.Until = e.At }, wholeForm},
		"of another event":        {func(_ *storetest.Walk, e *steps.Evidence) { e.Event.ID = "e-1" }, wholeForm},
		"of another time":         {func(_ *storetest.Walk, e *steps.Evidence) { e.At = e.At.Add(time.Millisecond) }, wholeForm},
		"of another activation":   {func(_ *storetest.Walk, e *steps.Evidence) { e.StepsID++ }, wholeForm},
		"of another user":         {func(_ *storetest.Walk, e *steps.Evidence) { e.Subject.User = "somebody" }, wholeForm},
		"of an entry before that": {func(w *storetest.Walk, e *steps.Evidence) { e.At, e.Event = w.Entries[0].At, w.Entries[0].Event }, wholeForm},
	} {
		t.Run(name, func(t *testing.T) {
			s := openMem(t)
			w := storetest.NewWalk(1)
			commit(t, s, w.Create())
			c := storetest.Join(w.Complete(), w.Complete())
			e := w.Evidence(steps.DeviceActivation)
			test.alter(w, &e)
			c.Proven = []steps.Evidence{e}
			commit(t, s, c)
			_, value := stored(t, s, e.Subject)
			require.Equal(t, test.form, value[0])
			require.Equal(t, []steps.Evidence{e}, evidenceOf(t, s, e.Subject))

			erasure := w.Erase()
			erasure.Subjects = nil
			require.NoError(t, s.Erase(t.Context(), []store.Erasure{erasure})[0])
			_, value = stored(t, s, e.Subject)
			require.Equal(t, byte(wholeForm), value[0])
			require.Equal(t, []steps.Evidence{e}, evidenceOf(t, s, e.Subject))
		})
	}
}

func evidenceOf(t *testing.T, s *Store, subjects ...steps.Subject) []steps.Evidence {
	proven, err := s.Evidence(t.Context(), subjects)
	require.NoError(t, err)
	return proven
}

// No bit of what is known of a subject can be another, and none of it lie where
// another's should.
func TestDamagedKnowledge(t *testing.T) {
	s := openMem(t)
	w := storetest.NewWalk(1)
	w.Proves, w.TTL = true, time.Hour
	commit(t, s, w.Create())
	c := w.Complete()
	c.Tallies = []steps.Tally{w.Tally(steps.TrustedPhone, 7)}
	commit(t, s, c)
	c = w.Complete()
	c.Proven[0].Event.ID = "kept whole"
	commit(t, s, c)

	var keys subjectKeys
	evidence := func(step string) (subjectKey, func() error) {
		subject := w.Subject(step)
		return keys.of(evidenceKind, &subject), func() error {
			_, err := s.Evidence(t.Context(), []steps.Subject{subject})
			return err
		}
	}
	phone := w.Subject(steps.TrustedPhone)
	reference, readReference := evidence(steps.TrustedPhone)
	whole, readWhole := evidence(steps.DeviceActivation)
	for name, record := range map[string]struct {
		key  subjectKey
		read func() error
	}{
		"a reference": {reference, readReference},
		"evidence":    {whole, readWhole},
		"a tally": {keys.of(tallyKind, &phone), func() error {
			_, err := s.Tallies(t.Context(), []steps.Subject{phone})
			return err
		}},
	} {
		value, err := s.get(record.key[:])
		require.NoError(t, err)
		require.NoError(t, record.read(), name)
		for bit := range 8 * len(value) {
			value[bit/8] ^= 1 << (bit % 8)
			require.NoError(t, s.db.Set(record.key[:], value, pebble.NoSync))
			require.ErrorIs(t, record.read(), store.ErrCorrupt, "%s, bit %d", name, bit)
			value[bit/8] ^= 1 << (bit % 8)
		}
		for n := range value {
			require.NoError(t, s.db.Set(record.key[:], value[:n], pebble.NoSync))
			require.ErrorIs(t, record.read(), store.ErrCorrupt, "%s, cut to %d bytes", name, n)
		}
		require.NoError(t, s.db.Set(record.key[:], value, pebble.NoSync))
		require.NoError(t, record.read(), name)
	}
	value, err := s.get(reference[:])
	require.NoError(t, err)
	require.NoError(t, s.db.Set(whole[:], value, pebble.NoSync))
	require.ErrorIs(t, readWhole(), store.ErrCorrupt, "another's")
}

// A creation that rests on that nothing is known of a new user reads nothing.
func TestGuardsOfANewUser(t *testing.T) {
	s := openMem(t)
	<-s.filter.done // it has read what there is
	w := storetest.NewWalk(1)
	for _, subject := range w.Subjects() {
		key, _ := stored(t, s, subject)
		require.False(t, s.filter.mayHave(key.user()))
	}
	w.Proves = true
	commit(t, s, w.Create())
	commit(t, s, w.Complete())
	key, _ := stored(t, s, w.Subject(steps.TrustedPhone))
	require.True(t, s.filter.mayHave(key.user()))
}

// A guard that meets damage keeps its own change from being made, and no other.
func TestGuardOfDamagedEvidence(t *testing.T) {
	s := openMem(t)
	w, other := storetest.NewWalk(1), storetest.NewWalk(2)
	w.Proves = true
	commit(t, s, w.Create())
	commit(t, s, w.Complete())
	commit(t, s, other.Create())
	subject := w.Subject(steps.TrustedPhone)
	key, value := stored(t, s, subject)
	proven := evidenceOf(t, s, subject)
	value[len(value)-1] ^= 1
	require.NoError(t, s.db.Set(key[:], value, pebble.NoSync))

	next := storetest.NewWalk(0).From(w.Activation, 1)
	guarded := next.Complete()
	guarded.Rests.Evidence = proven
	results := s.Commit(t.Context(), []store.Change{guarded, other.Complete()})
	require.ErrorIs(t, results[0], store.ErrCorrupt)
	require.NoError(t, results[1])
}

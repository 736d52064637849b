package wire_test

import (
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/storetest"
	"github.com/stepgate/stepgate/store/wire"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// sample is a change of each kind, under its name.
type sample struct {
	name   string
	change store.Change
}

func samples() []sample {
	w := storetest.NewWalk(1)
	w.Activation.Deadline = time.Date(2026, 3, 31, 8, 0, 0, 0, time.UTC)
	all := []sample{
		{"created", w.Create()},
		{"completed", w.Complete()},
		{"failed", w.Fail()},
		{"refused", w.Refuse()},
		{"two entries", storetest.Join(w.Complete(), w.Complete())},
		{"reset", w.Reset()},
		{"held", w.Hold(steps.DeviceActivation)},
		{"held and dropped", storetest.Join(w.Hold(steps.MediumCarKey), w.Drop())},
	}
	w.TTL = 90 * 24 * time.Hour
	all = append(
		all,
		sample{"inherited", w.Inherit(evidence[1])},
		sample{"absorbed", storetest.Join(w.Hold(steps.MediumCarKey), w.Complete(), w.Absorb())},
		sample{"revoked", w.Revoke(steps.TrustedPhone)},
		sample{"checked", w.Check(steps.TrustedPhone)},
		sample{"locked", w.Lock()},
		sample{"moved", w.Move(7, "one", steps.MediumCarKey)},
		sample{"cancelled", w.Cancel()},
	)
	all = append(all, erased(w)...)

	odd := storetest.NewWalk(2, "one")
	odd.Activation.StepsID = 132324 // tells a moment long before
	odd.Activation.Association = "987654"
	odd.Activation.User = "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6" // no UUID as RFC 9562 writes it
	odd.Activation.Device = ""
	odd.Activation.VIN = strings.Repeat("ä", 100)
	all = append(all, sample{"odd texts", odd.Create()})

	long := storetest.NewWalk(3, storetest.StepNames(steps.MaxSteps)...)
	return append(all, sample{"64 steps, created", long.Create()}, sample{"64 steps, completed", long.Complete()})
}

// erased returns what an erasure leaves of a walk, as one change and the one
// that tells of it.
func erased(w *storetest.Walk) []sample {
	e := w.Erase()
	before := e.Activation
	before.Revision, before.Hash = e.From, e.Entries[e.From-1].Hash
	return []sample{
		{"redacted", store.Change{Activation: before, Entries: e.Entries[:e.From]}},
		{"erased", store.Change{From: e.From, Activation: e.Activation, Entries: e.Entries[e.From:]}},
	}
}

var evidence = []steps.Evidence{
	{Subject: steps.Subject{Step: steps.TrustedPhone, User: "987"}},
	{
		Subject: steps.Subject{Step: steps.MediumCarKey, User: "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", VIN: "VF30000000000000Z"},
		Until:   time.UnixMilli(1_803_536_000_000).UTC(),
		Origin: steps.Origin{
			StepsID: steps.NewID(time.UnixMilli(1_772_000_000_000), 7),
			Event:   steps.EventID("//sms.example/otp", "e-1"),
			At:      time.UnixMilli(1_772_000_000_000).UTC(),
		},
	},
}

var tallies = []steps.Tally{
	{Subject: evidence[0].Subject},
	{
		Subject:  evidence[1].Subject,
		Revision: 7,
		Failures: []time.Time{time.UnixMilli(1_772_000_000_000).UTC(), time.UnixMilli(1_772_000_004_000).UTC()},
		Total:    6,
		Opens:    time.UnixMilli(1_772_000_604_000).UTC(),
	},
	{Subject: evidence[1].Subject, Revision: 8, Total: 1000, Spent: true},
}

// The golden file is what version 2 of the form is. A change to it means that
// what was written before cannot be read any more.
const golden = "testdata/v2.golden"

func TestGolden(t *testing.T) {
	var b strings.Builder
	for _, s := range samples() {
		value, err := wire.AppendChange(nil, &s.change)
		require.NoError(t, err, s.name)
		fmt.Fprintf(&b, "%s: %s\n%x\n\n", s.name, s.change.Activation.StepsID, value)
	}
	for i := range evidence {
		fmt.Fprintf(&b, "evidence %d\n%x\n\n", i, wire.AppendEvidence(nil, &evidence[i]))
	}
	for i := range tallies {
		fmt.Fprintf(&b, "tally %d\n%x\n\n", i, wire.AppendTally(nil, &tallies[i]))
	}
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}

// What the golden file has is read as what was written.
func TestGoldenIsRead(t *testing.T) {
	text, err := os.ReadFile(golden)
	require.NoError(t, err)
	paragraphs := strings.Split(strings.TrimSpace(string(text)), "\n\n")
	all := samples()
	require.Len(t, paragraphs, len(all)+len(evidence)+len(tallies))
	for i, paragraph := range paragraphs {
		title, digits, _ := strings.Cut(paragraph, "\n")
		value, err := hex.DecodeString(digits)
		require.NoError(t, err)
		if i < len(all) {
			c, err := wire.DecodeChange(all[i].change.Activation.StepsID, value)
			require.NoError(t, err, title)
			require.Equal(t, asRead(all[i].change), c, title)
		} else if i -= len(all); i < len(evidence) {
			e, err := wire.DecodeEvidence(evidence[i].Subject, value)
			require.NoError(t, err, title)
			require.Equal(t, evidence[i], e, title)
		} else {
			i -= len(evidence)
			tally, err := wire.DecodeTally(tallies[i].Subject, value)
			require.NoError(t, err, title)
			require.Equal(t, tallies[i], tally, title)
		}
	}
}

// asRead returns a change without what does not stand in it.
func asRead(c store.Change) store.Change {
	c.Rests, c.Proven, c.Withdrawn, c.Tallies = store.Rests{}, nil, nil, nil
	if c.From > 0 {
		a := &c.Activation
		a.Binding, a.Service, a.VIN, a.Created, a.Salt = steps.Binding{}, "", "", time.Time{}, steps.Salt{}
	}
	return c
}

func TestOtherVersions(t *testing.T) {
	c := samples()[0].change
	change, err := wire.AppendChange(nil, &c)
	require.NoError(t, err)
	for name, value := range map[string][]byte{
		"a change": change, "evidence": wire.AppendEvidence(nil, &evidence[1]), "a tally": wire.AppendTally(nil, &tallies[1]),
	} {
		for version, want := range map[byte]error{0: store.ErrCorrupt, 1: wire.ErrPreRelease, wire.Version + 1: wire.ErrNewer} {
			value[0] = version
			_, asChange := wire.DecodeChange(c.Activation.StepsID, value)
			_, asEvidence := wire.DecodeEvidence(evidence[1].Subject, value)
			_, asTally := wire.DecodeTally(tallies[1].Subject, value)
			for _, err := range []error{asChange, asEvidence, asTally} {
				require.ErrorIs(t, err, want, "%s of version %d", name, version)
				require.ErrorIs(t, err, store.ErrCorrupt)
			}
		}
	}
}

// A value that is cut short, or has a bit that is not its own, is refused or is
// the one form of something else.
func TestDamagedValues(t *testing.T) {
	for _, s := range samples() {
		id := s.change.Activation.StepsID
		value, err := wire.AppendChange(nil, &s.change)
		require.NoError(t, err)
		for n := range value {
			_, err := wire.DecodeChange(id, value[:n])
			require.ErrorIs(t, err, store.ErrCorrupt, "%s, cut to %d bytes", s.name, n)
		}
		for bit := range 8 * len(value) {
			value[bit/8] ^= 1 << (bit % 8)
			if c, err := wire.DecodeChange(id, value); err == nil {
				again, err := wire.AppendChange(nil, &c)
				require.NoError(t, err)
				require.Equal(t, value, again, "%s, bit %d", s.name, bit)
			} else {
				require.ErrorIs(t, err, store.ErrCorrupt)
			}
			value[bit/8] ^= 1 << (bit % 8)
		}
		_, err = wire.DecodeChange(id, append(value, 0))
		require.ErrorIs(t, err, store.ErrCorrupt, "%s, with a byte more", s.name)
	}
}

func TestRefusedChanges(t *testing.T) {
	for name, spoil := range map[string]func(*store.Change){
		"no entries":        func(c *store.Change) { c.Entries = nil },
		"a gap":             func(c *store.Change) { c.Entries[0].Revision++ },
		"another revision":  func(c *store.Change) { c.Activation.Revision++ },
		"another hash":      func(c *store.Change) { c.Activation.Hash[0]++ },
		"revisions run out": func(c *store.Change) { c.From, c.Entries[0].Revision, c.Activation.Revision = 1<<32-1, 0, 0 },
		"erased in part":    func(c *store.Change) { c.Entries[0].Digest[0]++ },
	} {
		c := storetest.NewWalk(1).Create()
		spoil(&c)
		b, err := wire.AppendChange([]byte("before"), &c)
		require.Error(t, err, name)
		require.Equal(t, "before", string(b), name)
	}
}

func TestEncodingAllocatesNothing(t *testing.T) {
	c := storetest.NewWalk(1).Create()
	buf := make([]byte, 0, 1024)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if _, err := wire.AppendChange(buf, &c); err != nil {
			t.Error(err)
		}
	}))
}

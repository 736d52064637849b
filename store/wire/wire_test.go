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
	all := []sample{
		{"created", w.Create()},
		{"completed", w.Complete()},
		{"failed", w.Fail()},
		{"refused", w.Refuse()},
		{"two entries", storetest.Join(w.Complete(), w.Complete())},
		{"reset", w.Reset()},
		{"cancelled", w.Cancel()},
	}

	odd := storetest.NewWalk(2, "one")
	odd.Activation.StepsID = 132324 // tells a moment long before
	odd.Activation.Association = "987654"
	odd.Activation.User = "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6" // no UUID as RFC 9562 writes it
	odd.Activation.Device = ""
	odd.Activation.VIN = strings.Repeat("ä", 100)
	all = append(all, sample{"odd texts", odd.Create()})

	long := storetest.NewWalk(3, storetest.StepNames(steps.MaxSteps)...)
	all = append(all, sample{"64 steps", long.Create()}, sample{"64 steps, completed", long.Complete()})
	return all
}

var evidence = []steps.Evidence{
	{},
	{
		Subject: steps.Subject{Step: steps.MediumCarKey, User: "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", VIN: "VF30000000000000Z"},
		At:      time.UnixMilli(1_772_000_000_000).UTC(),
		Until:   time.UnixMilli(1_803_536_000_000).UTC(),
		StepsID: steps.NewID(time.UnixMilli(1_772_000_000_000), 7),
		Event:   steps.EventID("//sms.example/otp", "e-1"),
	},
}

// The golden file is what version 1 of the form is. A change to it means that
// what was written before cannot be read any more.
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
	const golden = "testdata/v1.golden"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}

// What the golden file has is read as what was written.
func TestGoldenIsRead(t *testing.T) {
	text, err := os.ReadFile("testdata/v1.golden")
	require.NoError(t, err)
	paragraphs := strings.Split(strings.TrimSpace(string(text)), "\n\n")
	all := samples()
	require.Len(t, paragraphs, len(all)+len(evidence))
	for i, paragraph := range paragraphs {
		title, digits, _ := strings.Cut(paragraph, "\n")
		value, err := hex.DecodeString(digits)
		require.NoError(t, err)
		if i < len(all) {
			c, err := wire.DecodeChange(all[i].change.Activation.StepsID, value)
			require.NoError(t, err, title)
			require.Equal(t, asRead(all[i].change), c, title)
			continue
		}
		e, err := wire.DecodeEvidence(value)
		require.NoError(t, err, title)
		require.Equal(t, evidence[i-len(all)], e, title)
	}
}

// asRead returns a change without what does not stand in it.
func asRead(c store.Change) store.Change {
	c.Proven, c.Withdrawn = nil, nil
	if c.From > 0 {
		a := &c.Activation
		a.Binding, a.Service, a.VIN, a.Plan, a.Created = steps.Binding{}, "", "", 0, time.Time{}
	}
	return c
}

func TestNewerVersion(t *testing.T) {
	c := samples()[0].change
	value, err := wire.AppendChange(nil, &c)
	require.NoError(t, err)
	value[0] = wire.Version + 1
	_, err = wire.DecodeChange(c.Activation.StepsID, value)
	require.ErrorIs(t, err, wire.ErrNewer)
	require.ErrorIs(t, err, store.ErrCorrupt)
	require.ErrorContains(t, err, "written by a newer version of the program")

	value = wire.AppendEvidence(nil, &evidence[1])
	value[0] = wire.Version + 1
	_, err = wire.DecodeEvidence(value)
	require.ErrorIs(t, err, wire.ErrNewer)
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

package wire_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/wire"
)

// Whatever the bytes are, decoding does not panic, and what it takes it writes
// again as it was.
func FuzzDecode(f *testing.F) {
	for _, s := range samples() {
		value, err := wire.AppendChange(nil, &s.change)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint64(s.change.Activation.StepsID), value)
	}
	for i := range evidence {
		f.Add(uint64(0), wire.AppendEvidence(nil, &evidence[i]))
	}
	f.Fuzz(func(t *testing.T, id uint64, value []byte) {
		if c, err := wire.DecodeChange(steps.ID(id), value); err == nil {
			again, err := wire.AppendChange(nil, &c)
			require.NoError(t, err)
			require.Equal(t, value, again)
		} else {
			require.ErrorIs(t, err, store.ErrCorrupt)
		}
		if e, err := wire.DecodeEvidence(value); err == nil {
			require.Equal(t, value, wire.AppendEvidence(nil, &e))
		} else {
			require.ErrorIs(t, err, store.ErrCorrupt)
		}
	})
}

// Whatever a change holds, it comes back.
func TestRoundTrip(t *testing.T) { rapid.Check(t, roundTrip) }

func FuzzRoundTrip(f *testing.F) { f.Fuzz(rapid.MakeFuzz(roundTrip)) }

func roundTrip(t *rapid.T) {
	c := drawChange(t)
	value, err := wire.AppendChange(nil, &c)
	require.NoError(t, err)
	read, err := wire.DecodeChange(c.Activation.StepsID, value)
	require.NoError(t, err)
	require.Equal(t, asRead(c), read)

	e := drawEvidence(t)
	again, err := wire.DecodeEvidence(wire.AppendEvidence(nil, &e))
	require.NoError(t, err)
	require.Equal(t, e, again)
}

func drawChange(t *rapid.T) store.Change {
	from := rapid.Uint32Range(0, 1<<32-6).Draw(t, "from")
	c := store.Change{From: from, Activation: steps.Activation{
		StepsID: steps.ID(rapid.Uint64().Draw(t, "id")),
		Binding: steps.Binding{Association: drawText(t), User: drawText(t), Device: drawText(t)},
		Service: drawText(t),
		VIN:     drawText(t),
		Plan:    rapid.Uint32().Draw(t, "plan"),
		Created: drawTime(t),
		State:   steps.State(drawText(t)),
		Since:   drawTime(t),
		Epoch:   rapid.Uint32().Draw(t, "epoch"),
		EpochAt: drawTime(t),
	}}
	for range rapid.IntRange(0, 4).Draw(t, "proofs") {
		revision := rapid.OneOf(rapid.Uint32Range(0, from), rapid.Uint32Range(from, from+5)).Draw(t, "proof")
		c.Activation.Proofs = append(c.Activation.Proofs, steps.Proof{At: drawTime(t), Revision: revision})
	}
	for i := range rapid.Uint32Range(1, 4).Draw(t, "entries") {
		c.Entries = append(c.Entries, drawEntry(t, from+1+i))
	}
	last := c.Entries[len(c.Entries)-1]
	c.Activation.Revision, c.Activation.Hash = last.Revision, last.Hash
	return c
}

func drawEntry(t *rapid.T, revision uint32) steps.Entry {
	e := steps.Entry{
		Revision: revision,
		At:       drawTime(t),
		Kind:     steps.Kind(rapid.Byte().Draw(t, "kind")),
		Event:    steps.EventID(drawText(t), drawText(t)),
		Told:     drawTime(t),
		Actor:    drawText(t),
		Caller:   drawText(t),
		Channel:  drawText(t),
		Comment:  drawText(t),
		Outcome:  steps.Outcome(rapid.Byte().Draw(t, "outcome")),
		Reason:   steps.Refusal(drawText(t)),
		Before:   steps.State(drawText(t)),
		After:    steps.State(drawText(t)),
		Epoch:    rapid.Uint32().Draw(t, "epoch"),
	}
	for range rapid.IntRange(0, 3).Draw(t, "steps") {
		e.Steps = append(e.Steps, drawText(t))
	}
	if rapid.Bool().Draw(t, "claims") {
		claimed := rapid.Uint32().Draw(t, "claimed")
		e.Claimed = &claimed
	}
	for i := range e.Hash {
		e.Hash[i] = rapid.Byte().Draw(t, "hash")
	}
	return e
}

func drawEvidence(t *rapid.T) steps.Evidence {
	return steps.Evidence{
		Subject: steps.Subject{Step: drawText(t), User: drawText(t), Device: drawText(t), VIN: drawText(t)},
		At:      drawTime(t),
		Until:   drawTime(t),
		StepsID: steps.ID(rapid.Uint64().Draw(t, "id")),
		Event:   steps.EventID(drawText(t), drawText(t)),
	}
}

// drawText draws bytes of any kind, and often what is nearly a UUID.
func drawText(t *rapid.T) string {
	return rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`),
		rapid.StringMatching(`[0-9a-fA-Fg]{8}-[0-9a-f]{4}-[0-9a-f]{4}.[0-9a-f]{4}-[0-9a-f]{12}`),
	).Draw(t, "text")
}

// drawTime draws the zero time or one of the years 1 to 9999.
func drawTime(t *rapid.T) time.Time {
	ms := rapid.Int64Range(-62_135_596_800_000, 253_402_300_799_999).Draw(t, "time")
	return time.UnixMilli(ms).UTC()
}

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
	for i := range tallies {
		f.Add(uint64(0), wire.AppendTally(nil, &tallies[i]))
	}
	f.Fuzz(func(t *testing.T, id uint64, value []byte) {
		if c, err := wire.DecodeChange(steps.ID(id), value); err == nil {
			again, err := wire.AppendChange(nil, &c)
			require.NoError(t, err)
			require.Equal(t, value, again)
		} else {
			require.ErrorIs(t, err, store.ErrCorrupt)
		}
		if e, err := wire.DecodeEvidence(steps.Subject{}, value); err == nil {
			require.Equal(t, value, wire.AppendEvidence(nil, &e))
		} else {
			require.ErrorIs(t, err, store.ErrCorrupt)
		}
		if tally, err := wire.DecodeTally(steps.Subject{}, value); err == nil {
			require.Equal(t, value, wire.AppendTally(nil, &tally))
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
	proven, err := wire.DecodeEvidence(e.Subject, wire.AppendEvidence(nil, &e))
	require.NoError(t, err)
	require.Equal(t, e, proven)

	tally := drawTally(t)
	counted, err := wire.DecodeTally(tally.Subject, wire.AppendTally(nil, &tally))
	require.NoError(t, err)
	require.Equal(t, tally, counted)
}

func drawChange(t *rapid.T) store.Change {
	from := rapid.Uint32Range(0, 1<<32-6).Draw(t, "from")
	c := store.Change{From: from, Activation: steps.Activation{
		StepsID:  drawID(t),
		Binding:  steps.Binding{Association: drawText(t), User: drawText(t), Device: drawText(t)},
		Service:  drawText(t),
		VIN:      drawText(t),
		Plan:     rapid.Uint32().Draw(t, "plan"),
		Created:  drawTime(t),
		State:    steps.State(drawText(t)),
		Since:    drawTime(t),
		Epoch:    rapid.Uint32().Draw(t, "epoch"),
		EpochAt:  drawTime(t),
		Deadline: drawTime(t),
		Salt:     steps.Salt(drawHash(t)),
	}}
	a := &c.Activation
	revision := rapid.OneOf(rapid.Uint32Range(0, from), rapid.Uint32Range(from, from+5))
	for range rapid.IntRange(0, 4).Draw(t, "proofs") {
		a.Proofs = append(a.Proofs, steps.Proof{
			At: drawTime(t), Until: drawTime(t), Revision: revision.Draw(t, "proof"), Revoked: rapid.Bool().Draw(t, "revoked"),
		})
	}
	for range rapid.IntRange(0, 2).Draw(t, "held") {
		a.Held = append(a.Held, steps.HeldCompletion{Revision: revision.Draw(t, "held"), Steps: drawTexts(t), Until: drawTime(t)})
	}
	for i := range rapid.Uint32Range(1, 4).Draw(t, "entries") {
		c.Entries = append(c.Entries, drawEntry(t, from+1+i))
	}
	last := c.Entries[len(c.Entries)-1]
	a.Revision, a.Hash = last.Revision, last.Hash
	return c
}

func drawEntry(t *rapid.T, revision uint32) steps.Entry {
	e := steps.Entry{
		Revision: revision,
		At:       drawTime(t),
		Kind:     steps.Kind(rapid.Byte().Draw(t, "kind")),
		Outcome:  steps.Outcome(rapid.Byte().Draw(t, "outcome")),
		Reason:   steps.Refusal(drawText(t)),
		Before:   steps.State(drawText(t)),
		After:    steps.State(drawText(t)),
		Epoch:    rapid.Uint32().Draw(t, "epoch"),
		Plan:     rapid.Uint32Range(0, 3).Draw(t, "plan"),
		Of:       rapid.Uint32Range(0, 3).Draw(t, "of"),
		Until:    drawTime(t),
		Hash:     drawHash(t),
	}
	if rapid.Bool().Draw(t, "erased") {
		e.Digest = drawHash(t)
	}
	if e.Digest == (steps.Hash{}) {
		e.Payload = drawPayload(t)
	}
	return e
}

func drawPayload(t *rapid.T) steps.Payload {
	p := steps.Payload{
		Event:   steps.EventID(drawText(t), drawText(t)),
		Steps:   drawTexts(t),
		Told:    drawTime(t),
		Actor:   drawText(t),
		Caller:  drawText(t),
		Channel: drawText(t),
		Comment: drawText(t),
	}
	if rapid.Bool().Draw(t, "claims") {
		claimed := rapid.Uint32().Draw(t, "claimed")
		p.Claimed = &claimed
	}
	if rapid.Bool().Draw(t, "inherited") {
		p.Origin = drawOrigin(t)
	}
	return p
}

func drawOrigin(t *rapid.T) steps.Origin {
	return steps.Origin{StepsID: drawID(t), Event: steps.EventID(drawText(t), drawText(t)), At: drawTime(t)}
}

func drawSubject(t *rapid.T) steps.Subject {
	return steps.Subject{Step: drawText(t), User: drawText(t), Device: drawText(t), VIN: drawText(t), StepsID: drawID(t)}
}

func drawEvidence(t *rapid.T) steps.Evidence {
	return steps.Evidence{Subject: drawSubject(t), Until: drawTime(t), Origin: drawOrigin(t)}
}

func drawTally(t *rapid.T) steps.Tally {
	tally := steps.Tally{
		Subject:  drawSubject(t),
		Revision: rapid.Uint32().Draw(t, "revision"),
		Total:    rapid.Int().Draw(t, "total"),
		Opens:    drawTime(t),
		Spent:    rapid.Bool().Draw(t, "spent"),
	}
	for range rapid.IntRange(0, 4).Draw(t, "failures") {
		tally.Failures = append(tally.Failures, drawTime(t))
	}
	return tally
}

func drawID(t *rapid.T) steps.ID { return steps.ID(rapid.Uint64().Draw(t, "id")) }

func drawHash(t *rapid.T) (h steps.Hash) {
	for i := range h {
		h[i] = rapid.Byte().Draw(t, "hash")
	}
	return h
}

func drawTexts(t *rapid.T) (texts []string) {
	for range rapid.IntRange(0, 3).Draw(t, "texts") {
		texts = append(texts, drawText(t))
	}
	return texts
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
	if rapid.Bool().Draw(t, "never") {
		return time.Time{}
	}
	ms := rapid.Int64Range(-62_135_596_800_000, 253_402_300_799_999).Draw(t, "time")
	return time.UnixMilli(ms).UTC()
}

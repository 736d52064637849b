package wire

import (
	"fmt"

	"github.com/stepgate/stepgate/steps"
)

// The members of an entry that most do not have.
const (
	hasReason   = 1 << iota
	hasUntil    // a time since the entry's own
	hasClaimed  // the epoch
	hasOperator // the actor and the comment
	hasOrigin
	hasDigest // and thus no payload
	hasOther  // the plan that it moved to, and the entry that it is of
)

func maskOf(e *steps.Entry) byte {
	return bit(hasReason, e.Reason != "") |
		bit(hasUntil, !e.Until.IsZero()) |
		bit(hasClaimed, e.Claimed != nil) |
		bit(hasOperator, e.Actor != "" || e.Comment != "") |
		bit(hasOrigin, e.Origin != steps.Origin{}) |
		bit(hasDigest, e.Digest != steps.Hash{}) |
		bit(hasOther, e.Plan != 0 || e.Of != 0)
}

func bit(b byte, set bool) byte {
	if set {
		return b
	}
	return 0
}

// checkErased returns an error where an entry has both a digest and a payload:
// one of the two would be lost.
func checkErased(e *steps.Entry) error {
	if e.Digest == (steps.Hash{}) {
		return nil
	}
	const ofPayload = hasClaimed | hasOperator | hasOrigin
	if maskOf(e)&ofPayload != 0 || e.Event != (steps.EventKey{}) || len(e.Steps) > 0 ||
		!e.Told.IsZero() || e.Caller != "" || e.Channel != "" {
		return fmt.Errorf("entry %d is erased, and has a payload", e.Revision)
	}
	return nil
}

// appendShape appends what many entries have in common, as intervals to their
// own time if need be. The revision is left out: entries count from the change's
// From.
func appendShape(b []byte, e *steps.Entry) []byte {
	mask := maskOf(e)
	b = append(b, byte(e.Kind), byte(e.Outcome), mask)
	b = appendNumber(b, uint64(e.Epoch))
	if mask&hasReason != 0 {
		b = appendText(b, string(e.Reason))
	}
	if mask&hasOther != 0 {
		b = appendNumber(b, uint64(e.Plan))
		b = appendNumber(b, uint64(e.Of))
	}
	b = appendText(b, string(e.Before))
	b = appendText(b, string(e.After))
	if mask&hasUntil != 0 {
		b = appendTime(b, e.Until, e.At.UnixMilli())
	}
	if mask&hasDigest != 0 {
		return b
	}
	for _, text := range [...]string{e.Event.Source, e.Caller, e.Channel} {
		b = appendText(b, text)
	}
	if mask&hasClaimed != 0 {
		b = appendNumber(b, uint64(*e.Claimed))
	}
	if mask&hasOperator != 0 {
		b = appendText(b, e.Actor)
		b = appendText(b, e.Comment)
	}
	if mask&hasOrigin != 0 {
		b = appendText(b, e.Origin.Event.Source)
	}
	b = appendTexts(b, e.Steps)
	return appendTime(b, e.Told, e.At.UnixMilli())
}

// appendData appends what each entry has for itself but its time.
func appendData(b []byte, e *steps.Entry) []byte {
	mask := maskOf(e)
	if mask&hasDigest != 0 {
		b = append(b, e.Digest[:]...)
	} else {
		b = appendText(b, e.Event.ID)
	}
	if mask&hasOrigin != 0 {
		b = appendOrigin(b, &e.Origin)
	}
	return append(b, e.Hash[:]...)
}

// appendOrigin appends an origin without the source of its event.
func appendOrigin(b []byte, o *steps.Origin) []byte {
	b = appendNumber(b, uint64(o.StepsID))
	b = appendTime(b, o.At, origin(o.StepsID))
	return appendText(b, o.Event.ID)
}

// shape reads what appendShape appends, and returns the entry's mask. The time of
// the entry is known.
func (r *reader) shape(e *steps.Entry) (mask byte) {
	e.Kind, e.Outcome, mask = steps.Kind(r.byte()), steps.Outcome(r.byte()), r.byte()
	e.Epoch = r.uint32()
	if mask&hasReason != 0 {
		e.Reason = steps.Refusal(r.text())
	}
	if mask&hasOther != 0 {
		e.Plan, e.Of = r.uint32(), r.uint32()
	}
	e.Before, e.After = steps.State(r.text()), steps.State(r.text())
	if mask&hasUntil != 0 {
		e.Until = r.time(e.At.UnixMilli())
	}
	if mask&hasDigest != 0 {
		return mask
	}
	e.Event.Source, e.Caller, e.Channel = r.text(), r.text(), r.text()
	if mask&hasClaimed != 0 {
		claimed := r.uint32()
		e.Claimed = &claimed
	}
	if mask&hasOperator != 0 {
		e.Actor, e.Comment = r.text(), r.text()
	}
	if mask&hasOrigin != 0 {
		e.Origin.Event.Source = r.text()
	}
	e.Steps = r.texts()
	e.Told = r.time(e.At.UnixMilli())
	return mask
}

// data reads what appendData appends.
func (r *reader) data(e *steps.Entry, mask byte) {
	if mask&hasDigest != 0 {
		e.Digest = r.hash()
	} else {
		e.Event.ID = r.text()
	}
	if mask&hasOrigin != 0 {
		r.origin(&e.Origin)
	}
	e.Hash = r.hash()
}

// origin reads what appendOrigin appends.
func (r *reader) origin(o *steps.Origin) {
	o.StepsID = steps.ID(r.number())
	o.At = r.time(origin(o.StepsID))
	o.Event.ID = r.text()
}

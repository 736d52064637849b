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

// appendShape appends what many entries have in common. The revision is left out:
// entries count from the change's From.
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

// appendData appends what each entry has for itself.
func appendData(b []byte, e *steps.Entry, origin int64) []byte {
	mask := maskOf(e)
	b = appendTime(b, e.At, origin)
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

// openEntry is what of an entry's shape has to wait for its data.
type openEntry struct {
	mask        byte
	until, told interval
}

// shape reads what appendShape appends.
func (r *reader) shape(e *steps.Entry) (o openEntry) {
	e.Kind, e.Outcome, o.mask = steps.Kind(r.byte()), steps.Outcome(r.byte()), r.byte()
	e.Epoch = r.uint32()
	if o.mask&hasReason != 0 {
		e.Reason = steps.Refusal(r.text())
	}
	if o.mask&hasOther != 0 {
		e.Plan, e.Of = r.uint32(), r.uint32()
	}
	e.Before, e.After = steps.State(r.text()), steps.State(r.text())
	if o.mask&hasUntil != 0 {
		o.until = r.interval()
	}
	if o.mask&hasDigest != 0 {
		return o
	}
	e.Event.Source, e.Caller, e.Channel = r.text(), r.text(), r.text()
	if o.mask&hasClaimed != 0 {
		claimed := r.uint32()
		e.Claimed = &claimed
	}
	if o.mask&hasOperator != 0 {
		e.Actor, e.Comment = r.text(), r.text()
	}
	if o.mask&hasOrigin != 0 {
		e.Origin.Event.Source = r.text()
	}
	e.Steps = r.texts()
	o.told = r.interval()
	return o
}

// data reads what appendData appends.
func (r *reader) data(e *steps.Entry, o *openEntry, origin int64) {
	e.At = r.interval().since(origin)
	e.Until, e.Told = o.until.since(e.At.UnixMilli()), o.told.since(e.At.UnixMilli())
	if o.mask&hasDigest != 0 {
		e.Digest = r.hash()
	} else {
		e.Event.ID = r.text()
	}
	if o.mask&hasOrigin != 0 {
		r.origin(&e.Origin)
	}
	e.Hash = r.hash()
}

// origin reads what appendOrigin appends.
func (r *reader) origin(o *steps.Origin) {
	o.StepsID = steps.ID(r.number())
	o.At = r.interval().since(origin(o.StepsID))
	o.Event.ID = r.text()
}

package main

import (
	"fmt"

	"github.com/stepgate/stepgate/steps"
)

// drawVerdict draws the verdict of an operator's act for people.
func drawVerdict(v steps.Verdict) string {
	text := v.Outcome.String()
	if v.Outcome == steps.Refused {
		text = fmt.Sprintf("refused as %s: %s", v.Reason, refusals[v.Reason])
	}
	if v.Duplicate {
		text += ", as it was judged before"
	}
	if v.State == "" {
		return text + "\n"
	}
	return fmt.Sprintf("%s\nstepsID %s: %s, epoch %d, revision %d\n", text, v.StepsID, v.State, v.Epoch, v.Revision)
}

// refusals says what each refusal means that an operator's act can meet, and
// what to do next.
var refusals = map[steps.Refusal]string{
	steps.DoneAlready:       "it is so already",
	steps.UnknownStep:       "its plan has no such step; stepgate show names those that it has",
	steps.IsCancelled:       "it was cancelled; a reset begins again",
	steps.IsExpired:         "it took longer than its plan allows; a reset begins again",
	steps.NotProven:         "there is no proof to take away",
	steps.Conflict:          "an event with this id told something else; leave --id away to send a new one",
	steps.UnknownActivation: "there is no such stepsID",
}

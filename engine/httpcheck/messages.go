package httpcheck

import (
	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/internal/strictjson"
	"github.com/stepgate/stepgate/steps"
)

// checkQuestion asks whether a step is proven for a subject.
type checkQuestion struct {
	Step    string   `json:"step"`
	User    string   `json:"user"`
	Device  string   `json:"device,omitempty"`
	VIN     string   `json:"vin,omitempty"`
	StepsID steps.ID `json:"stepsID,omitempty"`
}

// eligibleQuestion asks whether a vehicle is able to have a service.
type eligibleQuestion struct {
	CarAssociationID string `json:"carAssociationID"`
	User             string `json:"user"`
	Service          string `json:"service"`
	VIN              string `json:"vin"`
}

// parseCheck reads the answer to a checkQuestion.
func parseCheck(answer []byte) (engine.Check, *failure) {
	var check engine.Check
	a, failed := parseAnswer(answer, "proven", "until")
	if failed != nil || !a.yes {
		return check, failed
	}
	check.Proven = true
	if a.text == nil {
		return check, nil
	}
	// A time of the year 1 is what some languages write for none.
	if err := check.Until.UnmarshalText([]byte(*a.text)); err != nil || check.Until.Unix() < 0 {
		return engine.Check{}, unreadable("until is not a time of RFC 3339 since 1970")
	}
	check.Until = check.Until.UTC()
	return check, nil
}

// parseEligible reads the answer to an eligibleQuestion: "" or why not.
func parseEligible(answer []byte) (string, *failure) {
	a, failed := parseAnswer(answer, "eligible", "reason")
	switch {
	case failed != nil || a.yes:
		return "", failed
	case a.text == nil || *a.text == "":
		return "", unreadable("it has no reason")
	case steps.CheckText("reason", *a.text, steps.MaxReason) != nil:
		return "", unreadable("its reason is too long, or holds a control character")
	}
	return *a.text, nil
}

// answer is yes or no, and perhaps a text with it.
type answer struct {
	yes  bool
	text *string
}

// parseAnswer reads an answer from the two members that have these names.
func parseAnswer(body []byte, yes, text string) (answer, *failure) {
	var a answer
	var complete bool
	r := strictjson.Open(body)
	defer r.Close()
	err := r.Object(func(name []byte) (err error) {
		switch string(name) {
		case yes:
			complete = !r.Null()
			if complete {
				a.yes, err = r.Bool()
			}
		case text:
			if !r.Null() {
				var said string
				said, err = r.Text()
				a.text = &said
			}
		default:
			err = r.Skip()
		}
		return err
	})
	if err == nil {
		err = r.End()
	}
	switch {
	case err != nil:
		return answer{}, unreadable("it is not a JSON object, or a member is of another type or stands twice")
	case !complete:
		return answer{}, unreadable("it has no member " + yes)
	}
	return a, nil
}

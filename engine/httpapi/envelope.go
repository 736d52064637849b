package httpapi

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/stepgate/stepgate/steps"
)

// The answers of the source text's API, member by member in their order
// (contract, section 2). Names of steps need no escape: a plan has no others.

// appendList appends the result of pims.subscription.steps.
func appendList(b []byte, list *steps.List) []byte {
	b = append(b, `{"stepsID":`...)
	b = strconv.AppendUint(b, uint64(list.StepsID), 10)
	for i := range list.Items {
		b = appendItem(append(b, ','), &list.Items[i])
	}
	return append(b, '}')
}

// appendItem appends a step as a member of a result.
func appendItem(b []byte, item *steps.Item) []byte {
	b = append(b, '"')
	b = append(b, item.Name...)
	b = append(b, `":{"name":"`...)
	b = append(b, item.Name...)
	b = append(b, `","status":"`...)
	b = append(b, item.Status...)
	b = append(b, `","order":`...)
	b = strconv.AppendInt(b, int64(item.Order), 10)
	return append(b, '}')
}

func writeSuccess(w http.ResponseWriter, id string, result []byte) {
	b := append(envelope(id), `"SUCCEEDED","result":`...)
	writeEnvelope(w, http.StatusOK, append(b, result...))
}

// writeFailure says the code, its label, and as subCode the steps whose checkers
// failed: what is wrong in detail is for the native API.
func writeFailure(w http.ResponseWriter, id string, status int, e *steps.Error) {
	b := append(envelope(id), `"FAILED","error":{"code":`...)
	b = strconv.AppendInt(b, int64(e.Code), 10)
	b = append(b, `,"label":`...)
	b, _ = jsontext.AppendQuote(b, e.Label()) // what is no UTF-8 is replaced
	for i, step := range e.Steps {
		if i == 0 {
			b = append(b, `,"subCode":[`...)
		} else {
			b = append(b, ',')
		}
		b, _ = jsontext.AppendQuote(b, step)
	}
	if len(e.Steps) > 0 {
		b = append(b, ']')
	}
	b = append(b, '}')
	setErrorHeaders(w.Header(), e.Code, e.RetryAt)
	writeEnvelope(w, status, b)
}

// envelope begins an answer, up to the value of its status.
func envelope(id string) []byte {
	b := append(make([]byte, 0, 512), `{"transactionId":"`...)
	b = append(b, id...)
	return append(b, `","status":`...)
}

func writeEnvelope(w http.ResponseWriter, status int, b []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '}', '\n'))
}

// newTransactionID returns a random UUID (RFC 9562, version 4).
func newTransactionID() string {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	random[6] = random[6]&0x0f | 0x40
	random[8] = random[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", random[:4], random[4:6], random[6:8], random[8:10], random[10:])
}

package httpapi

import (
	"net/http"
	"strings"

	"github.com/stepgate/stepgate/steps"
)

// everything is the pattern of what no other route is for.
const everything = "/"

// unmatched answers what no route is for: the path takes other methods, or
// there is nothing there.
func unmatched(mux *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p := Problem{Status: http.StatusNotFound, Detail: "there is nothing at this path: /openapi.json says what there is"}
		fault := "api"
		var allow []string
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut} {
			_, pattern := mux.Handler(&http.Request{Method: method, Host: r.Host, URL: r.URL})
			if pattern != everything {
				allow = append(allow, method)
			}
		}
		if len(allow) > 0 {
			w.Header().Set("Allow", strings.Join(allow, ", "))
			p.Status, p.Detail = http.StatusMethodNotAllowed, "this path takes "+strings.Join(allow, " and ")
			fault = "method"
		}
		if isPims(r) {
			writeFailure(w, newTransactionID(), p.Status, steps.Invalid(fault, ""))
			return
		}
		p.Title = http.StatusText(p.Status)
		writeProblem(w, &p)
	}
}

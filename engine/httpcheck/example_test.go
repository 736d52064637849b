package httpcheck_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/stepgate/stepgate/engine/httpcheck"
	"github.com/stepgate/stepgate/steps"
)

// A phone directory knows whose phone is trusted, and until when.
func Example() {
	trusted := map[string]time.Time{"ann": time.Date(2030, 6, 1, 0, 0, 0, 0, time.UTC)}
	directory := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer from-a-file" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var question struct{ Step, User string }
		if err := json.NewDecoder(r.Body).Decode(&question); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		var answer struct {
			Proven bool      `json:"proven"`
			Until  time.Time `json:"until,omitzero"`
		}
		answer.Until, answer.Proven = trusted[question.User]
		_ = json.NewEncoder(w).Encode(answer)
	}))
	defer directory.Close()

	phones, err := httpcheck.New(httpcheck.Options{URL: directory.URL, Token: "from-a-file"})
	if err != nil {
		log.Fatal(err)
	}
	defer phones.CloseIdleConnections()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for _, user := range []string{"ann", "bob"} {
		check, err := phones.Check(ctx, steps.Subject{Step: steps.TrustedPhone, User: user})
		if err != nil {
			log.Fatal(err)
		}
		if check.Proven {
			fmt.Println(user, "has a trusted phone until", check.Until.Format(time.DateOnly))
		} else {
			fmt.Println(user, "has none")
		}
	}

	// Output:
	// ann has a trusted phone until 2030-06-01
	// bob has none
}

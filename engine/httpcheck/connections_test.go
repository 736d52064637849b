package httpcheck_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine/httpcheck"
	"github.com/stepgate/stepgate/steps"
)

// TestConcurrentCallers: each gets the answer to its own question.
func TestConcurrentCallers(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ User, CarAssociationID string }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if asked.CarAssociationID != "" {
			_, _ = fmt.Fprintf(w, `{"eligible":false,"reason":"not for %s"}`, asked.User)
			return
		}
		_, _ = fmt.Fprintf(w, `{"proven":%t}`, strings.HasPrefix(asked.User, "even"))
	})
	c := newChecker(t, httpcheck.Options{URL: s.URL, Timeout: long})
	var group sync.WaitGroup
	for i := range 64 {
		group.Go(func() {
			user := fmt.Sprintf("%s-%d", [...]string{"even", "odd"}[i%2], i)
			for range 20 {
				check, err := c.Check(t.Context(), steps.Subject{Step: "s", User: user})
				assert.NoError(t, err)
				assert.Equal(t, i%2 == 0, check.Proven)
				why, err := c.Eligible(t.Context(), steps.Association{ID: "1", User: user})
				assert.NoError(t, err)
				assert.Equal(t, "not for "+user, why)
			}
		})
	}
	group.Wait()
}

// TestConnectionIsUsedAgain: refusals keep it, too.
func TestConnectionIsUsedAgain(t *testing.T) {
	page := strings.Repeat("x", 10_000)
	s := serve(t, proven, reply(404, page), reply(503, page), proven)
	c := newChecker(t, httpcheck.Options{URL: s.URL, Timeout: long})
	for range 3 {
		_, _ = c.Check(t.Context(), ann)
	}
	require.EqualValues(t, 4, s.asked.Load())
	require.EqualValues(t, 1, s.connections.Load())
}

// TestConnectionsAreBounded: a service that is slow is not given more and more.
func TestConnectionsAreBounded(t *testing.T) {
	const most, callers = 128, 160
	full := make(chan struct{})
	var asked atomic.Int64
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == most {
			close(full)
		}
		<-full
		proven(w, r)
	})
	c := newChecker(t, httpcheck.Options{URL: s.URL, Timeout: long})
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			_, err := c.Check(t.Context(), ann)
			assert.NoError(t, err)
		})
	}
	group.Wait()
	require.EqualValues(t, callers, s.asked.Load())
	require.LessOrEqual(t, s.connections.Load(), int64(most))
}

// TestCloseIdleConnections: a Checker can be used afterwards. That nothing is
// left of it is for goleak to see.
func TestCloseIdleConnections(t *testing.T) {
	s := serve(t, proven)
	c := newChecker(t, httpcheck.Options{URL: s.URL})
	for range 2 {
		_, err := c.Check(t.Context(), ann)
		require.NoError(t, err)
		c.CloseIdleConnections()
	}
	require.EqualValues(t, 2, s.connections.Load())
}

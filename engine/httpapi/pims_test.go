package httpapi_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/httpapi"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/memstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service is the real handler on a real server.
type service struct {
	t      *testing.T
	url    string
	engine *engine.Engine
	client *http.Client
}

func newService(t *testing.T, opts httpapi.Options, engineOpts engine.Options) *service {
	t.Helper()
	return newServiceOn(t, memstore.New(), opts, engineOpts)
}

// newServiceOn is newService on a store, which it closes.
func newServiceOn(t *testing.T, st store.Store, opts httpapi.Options, engineOpts engine.Options) *service {
	t.Helper()
	if opts.Log == nil {
		opts.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	eng, err := engine.New(st, engineOpts)
	require.NoError(t, err)
	server := httptest.NewServer(httpapi.New(eng, opts))
	t.Cleanup(func() {
		server.Close()
		eng.Close()
		require.NoError(t, st.Close())
	})
	return &service{t: t, url: server.URL, engine: eng, client: server.Client()}
}

// answer is what came back, without what differs each time.
type answer struct {
	status int
	header http.Header
	body   string
}

var (
	transaction = regexp.MustCompile(`"transactionId":"[0-9a-f-]{36}"`)
	stepsID     = regexp.MustCompile(`"stepsID":(\d+)`)
)

func (s *service) do(method, path, body string, headers ...string) answer {
	s.t.Helper()
	req, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	require.NoError(s.t, err)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	resp, err := s.client.Do(req)
	require.NoError(s.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	return answer{resp.StatusCode, resp.Header, transaction.ReplaceAllString(string(text), `"transactionId":"T"`)}
}

// create returns the stepsID of a new activation, as a text.
func (s *service) create(association string) string {
	s.t.Helper()
	got := s.do("GET", "/pims/pims.subscription.steps?carAssociationID="+association, "")
	require.Equal(s.t, http.StatusOK, got.status, got.body)
	return stepsID.FindStringSubmatch(got.body)[1]
}

// complete has a step completed.
func (s *service) complete(id, step string) {
	s.t.Helper()
	got := s.do("POST", "/v1/events", event("e-"+step, id, step), "Content-Type", "application/cloudevents+json")
	require.Equal(s.t, http.StatusOK, got.status, got.body)
	require.Contains(s.t, got.body, `"outcome":"applied"`)
}

func event(id, subject, step string) string {
	return `{"specversion":"1.0","id":"` + id + `","source":"sms","type":"stepgate.step.completed.v1","subject":"` + subject + `","data":{"step":"` + step + `"}}`
}

func TestWalkOfTheSourceText(t *testing.T) {
	s := newService(t, httpapi.Options{}, engine.Options{})
	id := s.create("987654")
	list := func(trustedPhone, deviceActivation, mediumCarKey string) string {
		return `{"transactionId":"T","status":"SUCCEEDED","result":{"stepsID":` + id +
			`,"trustedPhone":{"name":"trustedPhone","status":"` + trustedPhone + `","order":1}` +
			`,"deviceActivation":{"name":"deviceActivation","status":"` + deviceActivation + `","order":2}` +
			`,"mediumCarKey":{"name":"mediumCarKey","status":"` + mediumCarKey + `","order":3}}}` + "\n"
	}
	steps := "/pims/pims.subscription.steps?stepsID=" + id + "&resetSteps=false&stepsStatus=all"
	next := "/pims/pims.subscription.step?stepsID=" + id

	require.Equal(t, list("todo", "todo", "todo"), s.do("GET", "/pims/pims.subscription.steps?carAssociationID=987654&resetSteps=false&stepsStatus=all", "").body)
	s.complete(id, "trustedPhone")
	require.Equal(t, list("alreadyDone", "todo", "todo"), s.do("GET", steps, "").body)
	require.Equal(t,
		`{"transactionId":"T","status":"SUCCEEDED","result":{"deviceActivation":{"name":"deviceActivation","status":"todo","order":1}}}`+"\n",
		s.do("GET", next, "").body)
	require.Equal(t,
		`{"transactionId":"T","status":"SUCCEEDED","result":{"stepsID":`+id+`,"deviceActivation":{"name":"deviceActivation","status":"todo","order":1},"mediumCarKey":{"name":"mediumCarKey","status":"todo","order":2}}}`+"\n",
		s.do("GET", "/pims/pims.subscription.steps?stepsID="+id+"&stepsStatus=todo", "").body)
	s.complete(id, "deviceActivation")
	s.complete(id, "mediumCarKey")
	require.Equal(t, `{"transactionId":"T","status":"SUCCEEDED","result":null}`+"\n", s.do("GET", next, "").body)
	require.Equal(t, list("todo", "todo", "todo"),
		s.do("POST", "/pims", `{"api":"pims.subscription.steps","parameters":{"stepsID":`+id+`,"resetSteps":true,"stepsStatus":"all"}}`).body)
}

// TestSpellings: aliases and other spellings of one call give the same answer.
func TestSpellings(t *testing.T) {
	s := newService(t, httpapi.Options{}, engine.Options{})
	id := s.create("987654")
	s.complete(id, "trustedPhone")
	want := s.do("GET", "/pims/pims.subscription.steps?stepsID="+id+"&stepsStatus=todo", "")
	require.Equal(t, http.StatusOK, want.status)
	for _, path := range []string{
		"/pims/pims.vehicle.steps?stepsID=" + id + "&stepsStatus=todo",
		"/pims/pims.subscription.steps?stepsId=" + id + "&stepStatus=todo&resetStep=false",
		"/pims/pims.subscription.steps?stepsID=" + id + "&stepsId=" + id + "&stepsStatus=todo&stepStatus=todo",
		"/pims/pims.subscription.steps?carAssociationID=987654&stepsStatus=todo&language=fr",
		"/pims/pims.subscription.steps?vin=DEV987654&stepsStatus=todo&resetSteps=",
	} {
		require.Equal(t, want.body, s.do("GET", path, "").body, path)
	}
	for _, body := range []string{
		`{"api":"pims.subscription.steps","parameters":{"stepsID":` + id + `,"resetSteps":false,"stepsStatus":"todo"}}`,
		`{"api":"pims.subscription.steps","parameters":{"stepsID":"` + id + `","resetSteps":"false","stepsStatus":"todo","vin":null}}`,
		`{"api":"pims.subscription.steps","parameters":{"stepsID":` + id + `,"stepsStatus":"todo","client":{"os":["android",15]},"":[]}}`,
		` {"parameters":{"stepsId":` + id + `,"stepStatus":"todo"},"api":"pims.vehicle.steps","version":2} `,
		`{"api":"pims.subscription.steps","parameters":{"carAssociationID":987654,"stepsStatus":"todo"}}`,
	} {
		require.Equal(t, want.body, s.do("POST", "/pims", body).body, body)
	}
}

// TestNobodyElse: a stepsID of another user or device, and one that is none, get
// the same bytes on every call.
func TestNobodyElse(t *testing.T) {
	s := newService(t, httpapi.Options{}, engine.Options{})
	id := s.create("987654")
	for _, path := range []string{"/pims/pims.subscription.steps?stepsID=", "/pims/pims.subscription.step?stepsID=", "/pims/pims.subscription.steps?resetSteps=true&stepsID="} {
		unknown := s.do("GET", path+"7", "")
		require.Equal(t, http.StatusNotFound, unknown.status)
		require.Equal(t, `{"transactionId":"T","status":"FAILED","error":{"code":2346,"label":"No Step for this stepsID [stepsID]"}}`+"\n", unknown.body)
		require.Equal(t, unknown.body, s.do("GET", path+id, "", "X-User-ID", "other").body)
		require.Equal(t, unknown.body, s.do("GET", path+id, "", "X-Device-ID", "other").body)
	}
	unknown := s.do("GET", "/v1/activations/7/steps", "")
	require.Equal(t, unknown.body, s.do("GET", "/v1/activations/"+id+"/steps", "", "X-User-ID", "other").body)
}

func TestHealthAndDescription(t *testing.T) {
	s := newService(t, httpapi.Options{}, engine.Options{})
	require.Equal(t, "ok\n", s.do("GET", "/livez", "").body)
	require.Equal(t, "ok\n", s.do("GET", "/readyz", "").body)
	doc := s.do("GET", "/openapi.json", "")
	require.Equal(t, http.StatusOK, doc.status)
	for _, path := range []string{`"openapi":"3.1.0"`, `"/v1/activations"`, `"/v1/activations/{stepsID}/history"`, `"/v1/events"`, `"/v1/associations/{id}"`, `"Problem"`} {
		require.Contains(t, doc.body, path)
	}
}

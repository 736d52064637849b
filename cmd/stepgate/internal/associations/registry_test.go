package associations

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, o Options) *Registry {
	t.Helper()
	r, err := Open(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

func writeFile(t *testing.T, path, text string) string {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// TestWhatIsPutSurvives: the journal counts for more than the file, and a
// registry that is opened again knows both.
func TestWhatIsPutSurvives(t *testing.T) {
	dir := t.TempDir()
	o := Options{
		Journal: filepath.Join(dir, "journal"),
		File:    writeFile(t, filepath.Join(dir, "file"), "- {carAssociationID: 1, user: alice, service: remoteCommands, vin: A}\n- {carAssociationID: 2, user: alice, service: remoteCommands, vin: A}\n"),
	}
	moved := steps.Association{ID: "1", User: "bob", Service: steps.VehicleStatus, VIN: "B"}

	r := open(t, o)
	require.NoError(t, r.Put(t.Context(), moved))
	require.NoError(t, r.Close())

	for _, r := range []*Registry{r, open(t, o)} {
		a, ok, err := r.Association(t.Context(), "bob", "1")
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, moved, a)

		left, err := r.ByVIN(t.Context(), "alice", "A")
		require.NoError(t, err)
		require.Equal(t, []steps.Association{{ID: "2", User: "alice", Service: steps.RemoteCommands, VIN: "A"}}, left)
		got, err := r.ByVIN(t.Context(), "bob", "B")
		require.NoError(t, err)
		require.Equal(t, []steps.Association{moved}, got)
	}
}

// TestWithoutJournalItIsForgotten is the control of the test above.
func TestWithoutJournalItIsForgotten(t *testing.T) {
	r := open(t, Options{})
	require.NoError(t, r.Put(t.Context(), second))
	require.Equal(t, 1, r.Len())
	require.Zero(t, open(t, Options{}).Len())
}

// TestManyPut: each that was acknowledged is there, whoever else was putting.
func TestManyPut(t *testing.T) {
	o := Options{Journal: filepath.Join(t.TempDir(), "journal")}
	r := open(t, o)
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for i := range 50 {
				a := second
				a.ID = fmt.Sprintf("%d-%d", w, i)
				if err := r.Put(context.Background(), a); err != nil {
					t.Errorf("put %s: %v", a.ID, err)
				}
			}
		})
	}
	all.Wait()
	require.NoError(t, r.Close())
	require.Equal(t, 400, open(t, o).Len())
}

// TestTornLine: what a crash left half written was never acknowledged, and the
// next line takes its place.
func TestTornLine(t *testing.T) {
	o := Options{Journal: filepath.Join(t.TempDir(), "journal")}
	r := open(t, o)
	require.NoError(t, r.Put(t.Context(), second))
	require.NoError(t, r.Close())
	whole, err := os.ReadFile(o.Journal)
	require.NoError(t, err)
	writeFile(t, o.Journal, string(whole)+`{"carAssociationID":"a long one that is torn`)

	r = open(t, o)
	require.Equal(t, 1, r.Len())
	third := second
	third.ID = "3"
	require.NoError(t, r.Put(t.Context(), third))
	require.NoError(t, r.Close())
	require.Equal(t, 2, open(t, o).Len())
}

// TestDamagedJournal: a line that is wrong is never passed over.
func TestDamagedJournal(t *testing.T) {
	path := writeFile(t, filepath.Join(t.TempDir(), "journal"), `{"carAssociationID":"1","user":"u","service":"remoteCommands"}`+"\n")
	_, err := Open(Options{Journal: path})
	require.EqualError(t, err, path+":1: vin: is missing")
}

// TestJournalRecovers: what cannot be written is refused and unknown, and when
// it can be again it is taken.
func TestJournalRecovers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "later")
	r := open(t, Options{Journal: filepath.Join(dir, "journal")})
	require.ErrorIs(t, r.Put(t.Context(), second), steps.ErrUnavailable)
	require.Zero(t, r.Len())

	require.NoError(t, os.Mkdir(dir, 0o700))
	require.NoError(t, r.Put(t.Context(), second))
	require.Equal(t, 1, r.Len())
}

// TestPutRefuses: what is faulty, and everything once it is closed.
func TestPutRefuses(t *testing.T) {
	r := open(t, Options{Journal: filepath.Join(t.TempDir(), "journal")})
	faulty := second
	faulty.Service = "fly"
	require.ErrorIs(t, r.Put(t.Context(), faulty), steps.ErrInvalid)
	faulty.Service = ""
	require.ErrorIs(t, r.Put(t.Context(), faulty), steps.ErrMissing)

	require.NoError(t, r.Close())
	require.ErrorIs(t, r.Put(t.Context(), second), steps.ErrUnavailable)
}

// TestOwn: in development an unknown id is the caller's own, and one that is
// declared is whose it is.
func TestOwn(t *testing.T) {
	r := open(t, Options{Own: engine.OwnAssociations{Service: steps.RemoteCommands}})
	a, ok, err := r.Association(t.Context(), "dev", "7")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, steps.Association{ID: "7", User: "dev", Service: steps.RemoteCommands, VIN: "DEV7"}, a)
	found, err := r.ByVIN(t.Context(), "dev", "DEV7")
	require.NoError(t, err)
	require.Equal(t, []steps.Association{a}, found)

	taken := steps.Association{ID: "7", User: "alice", Service: steps.RemoteCommands, VIN: "A"}
	require.NoError(t, r.Put(t.Context(), taken))
	a, _, err = r.Association(t.Context(), "dev", "7")
	require.NoError(t, err)
	require.Equal(t, taken, a, "the engine refuses it to dev")
	found, err = r.ByVIN(t.Context(), "dev", "DEV7")
	require.NoError(t, err)
	require.Empty(t, found)

	strict := open(t, Options{})
	_, ok, err = strict.Association(t.Context(), "dev", "7")
	require.NoError(t, err)
	require.False(t, ok)
}

package associations

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

func ownedBy(user, id string) steps.Association {
	return steps.Association{ID: id, User: user, Service: steps.RemoteCommands, VIN: "VF" + id}
}

func put(t *testing.T, r *Registry, all ...steps.Association) {
	t.Helper()
	for _, a := range all {
		require.NoError(t, r.Put(t.Context(), a))
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

// TestEraseLeavesNothing: no line of the journal names the user any more, not
// even one that another had taken the place of; the others' stay, and so does
// what the file declares.
func TestEraseLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	o := Options{
		Journal: filepath.Join(dir, "journal"),
		File:    writeFile(t, filepath.Join(dir, "file"), "- {carAssociationID: 1, user: bob, service: remoteCommands, vin: B}\n- {carAssociationID: 9, user: alice, service: remoteCommands, vin: A}\n"),
	}
	r := open(t, o)
	put(t, r, ownedBy("alice", "1"), ownedBy("alice", "2"), ownedBy("bob", "2"), ownedBy("carol", "3"), ownedBy("alice", "4"))
	require.Contains(t, read(t, o.Journal), "alice")

	err := r.Erase(t.Context(), "alice")
	require.ErrorIs(t, err, steps.ErrRefused)
	require.ErrorContains(t, err, "declares 1 of this user")
	require.NotContains(t, read(t, o.Journal), "alice")
	put(t, r, ownedBy("carol", "5"))
	require.NoError(t, r.Close())

	for name, r := range map[string]*Registry{"at once": r, "after a restart": open(t, o)} {
		for id, user := range map[string]string{"1": "bob", "2": "bob", "3": "carol", "5": "carol", "9": "alice"} {
			a, ok, err := r.Association(t.Context(), user, id)
			require.NoError(t, err, name)
			require.True(t, ok, "%s: %s", name, id)
			require.Equal(t, user, a.User, "%s: %s", name, id)
		}
		_, ok, err := r.Association(t.Context(), "alice", "4")
		require.NoError(t, err, name)
		require.False(t, ok, name)
		found, err := r.ByVIN(t.Context(), "alice", "VF4")
		require.NoError(t, err, name)
		require.Empty(t, found, name)
		require.Equal(t, 5, r.Len(), name)
	}
}

// TestEraseTornLine: what a crash left half written goes too.
func TestEraseTornLine(t *testing.T) {
	o := Options{Journal: filepath.Join(t.TempDir(), "journal")}
	r := open(t, o)
	put(t, r, ownedBy("bob", "1"))
	require.NoError(t, r.Close())
	writeFile(t, o.Journal, read(t, o.Journal)+`{"carAssociationID":"2","user":"alice"`)

	r = open(t, o)
	require.NoError(t, r.Erase(t.Context(), "alice"))
	require.Equal(t, `{"carAssociationID":"1","user":"bob","service":"remoteCommands","vin":"VF1"}`+"\n", read(t, o.Journal))
}

// TestEraseWithoutJournal: where nothing was put, nothing is written.
func TestEraseWithoutJournal(t *testing.T) {
	o := Options{Journal: filepath.Join(t.TempDir(), "journal")}
	require.NoError(t, open(t, o).Erase(t.Context(), "alice"))
	require.NoFileExists(t, o.Journal)

	r := open(t, Options{})
	put(t, r, ownedBy("alice", "1"), ownedBy("bob", "2"))
	require.NoError(t, r.Erase(t.Context(), "alice"))
	require.Equal(t, 1, r.Len())
}

// TestEraseFails: the journal is replaced whole or not at all, and an erasure
// that failed can be done again.
func TestEraseFails(t *testing.T) {
	o := Options{Journal: filepath.Join(t.TempDir(), "journal")}
	r := open(t, o)
	put(t, r, ownedBy("alice", "1"), ownedBy("bob", "2"))
	before := read(t, o.Journal)
	inTheWay := o.Journal + ".new"
	require.NoError(t, os.Mkdir(inTheWay, 0o700))
	require.ErrorIs(t, r.Erase(t.Context(), "alice"), steps.ErrUnavailable)
	require.Equal(t, before, read(t, o.Journal))
	require.Equal(t, 2, r.Len())

	require.NoError(t, os.Remove(inTheWay))
	require.NoError(t, r.Erase(t.Context(), "alice"))
	require.Equal(t, 1, r.Len())
	require.NotContains(t, read(t, o.Journal), "alice")
}

// TestEraseCutOff: a replacement that a crash cut off counts for nothing, and
// does not stay.
func TestEraseCutOff(t *testing.T) {
	o := Options{Journal: filepath.Join(t.TempDir(), "journal")}
	r := open(t, o)
	put(t, r, ownedBy("bob", "1"))
	require.NoError(t, r.Close())
	writeFile(t, o.Journal+".new", `{"carAssociationID":"1","user":"carol"`)
	require.Equal(t, 1, open(t, o).Len())
	require.NoFileExists(t, o.Journal+".new")
}

// TestEraseWhileOthersPut: nobody else loses what was acknowledged.
func TestEraseWhileOthersPut(t *testing.T) {
	o := Options{Journal: filepath.Join(t.TempDir(), "journal")}
	r := open(t, o)
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := range 25 {
				if err := r.Put(context.Background(), ownedBy(fmt.Sprint("user-", w), fmt.Sprint(w, "-", i))); err != nil {
					t.Error(err)
				}
				if err := r.Erase(context.Background(), "alice"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	require.NoError(t, r.Close())
	require.ErrorIs(t, r.Erase(t.Context(), "alice"), steps.ErrUnavailable)
	require.Equal(t, 100, open(t, o).Len())
}

package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	kills      = 20 // kill -9 under load
	terminates = 5  // SIGTERM under load
)

// TestCrash ends the real program in the middle of its work, again and again,
// and asks the next one for everything that was acknowledged.
func TestCrash(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: kill -9 and SIGTERM of the program: -short")
	}
	program := filepath.Join(buildProgram(t), "stepgate")

	t.Run("kill -9 loses nothing", func(t *testing.T) {
		acknowledged := crashes(t, kills, []string{program, "serve"}, syscall.SIGKILL)
		t.Logf("%d verdicts acknowledged, %d kills, none lost", acknowledged, kills)
	})
	t.Run("SIGTERM loses nothing", func(t *testing.T) {
		acknowledged := crashes(t, terminates, []string{program, "serve"}, syscall.SIGTERM)
		t.Logf("%d verdicts acknowledged, %d terminations, none lost", acknowledged, terminates)
	})
	t.Run("SIGTERM lets what is in flight finish", func(t *testing.T) { finishesInFlight(t, program) })
	t.Run("a second SIGTERM ends at once", func(t *testing.T) { endsAtOnce(t, program) })
	t.Run("a log that nobody reads ends nothing", func(t *testing.T) { outlivesItsReader(t, program) })
	t.Run("control: an older copy lacks what came after, and it shows", func(t *testing.T) {
		dir, copied := t.TempDir(), filepath.Join(t.TempDir(), "copy")
		s := startServer(t, dir, program, "serve")
		r := newRecord()
		r.loadUntil(t, s, 100)
		s.end(t, syscall.SIGTERM)
		r.workers.Wait()
		early := len(r.verdicts)
		require.NoError(t, os.CopyFS(copied, os.DirFS(dir)))

		s = startServer(t, dir, program, "serve")
		r.loadUntil(t, s, 100)
		s.end(t, syscall.SIGTERM)
		r.workers.Wait()
		late := len(r.verdicts) - early
		lost := r.missingVerdicts(t, startServer(t, copied, program, "serve").client)
		require.Len(t, lost, late, "what came before is there, and nothing of what came after")
	})
	t.Run("control: memory loses, and it shows", func(t *testing.T) {
		s := startServer(t, t.TempDir(), program, "serve", "--store", "memory:")
		r := newRecord()
		r.loadUntil(t, s, 100)
		s.end(t, syscall.SIGKILL)
		s = startServer(t, t.TempDir(), program, "serve", "--store", "memory:")
		require.GreaterOrEqual(t, len(r.losses(t, s)), 100)
	})
}

// crashes starts a server in one directory again and again, ends it by a
// signal under load, and returns how many verdicts were acknowledged.
func crashes(t *testing.T, times int, command []string, signal syscall.Signal) int {
	dir := t.TempDir()
	r := newRecord()
	for range times {
		s := startServer(t, dir, command...)
		require.Empty(t, r.losses(t, s))
		r.loadUntil(t, s, 20+rand.IntN(200))
		s.end(t, signal)
	}
	require.Empty(t, r.losses(t, startServer(t, dir, command...)))
	return len(r.verdicts)
}

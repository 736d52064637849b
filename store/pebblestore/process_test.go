package pebblestore

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/storetest"
)

// holdEnv makes this test binary a process that holds the store in a directory.
const holdEnv = "STEPGATE_TEST_HOLD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(holdEnv); dir != "" {
		hold(dir)
	}
	os.Exit(m.Run())
}

// hold opens a store, commits to it, and waits to be killed.
func hold(dir string) {
	s, err := Open(dir, nil)
	if err == nil {
		err = s.Commit(context.Background(), []store.Change{storetest.NewWalk(1).Next()})[0]
	}
	fmt.Println(err)
	select {}
}

// TestSecondProcess: one process has the store at a time, and one that was
// killed does not have it any more.
func TestSecondProcess(t *testing.T) {
	dir := t.TempDir()
	holder := exec.Command(os.Args[0])
	holder.Env = append(os.Environ(), holdEnv+"="+dir)
	out, err := holder.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, holder.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "<nil>\n", line)

	_, err = Open(dir, nil)
	require.ErrorIs(t, err, store.ErrUnavailable)
	require.ErrorContains(t, err, fmt.Sprintf("in use by pid %d", holder.Process.Pid))

	require.NoError(t, holder.Process.Kill())
	require.Error(t, holder.Wait())
	s, err := Open(dir, nil)
	require.NoError(t, err)
	w := storetest.NewWalk(1)
	w.Next()
	found, err := s.Find(t.Context(), w.Activation.Binding)
	require.NoError(t, err)
	require.Equal(t, w.Activation, found)

	_, err = Open(dir, nil)
	require.ErrorContains(t, err, fmt.Sprintf("in use by pid %d", os.Getpid()), "this process counts as well")
	require.NoError(t, s.Close())
}

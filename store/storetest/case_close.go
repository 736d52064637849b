package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/stepgate/stepgate/store"
)

func closeCases() []testCase {
	cases := []testCase{
		{name: "twice", run: func(e *env) {
			e.created(1)
			require.NoError(e, e.st.Close())
			require.NoError(e, e.st.Close())
		}},
		{name: "an unused store", run: func(e *env) {
			require.NoError(e, e.st.Close())
		}},
		{name: "from many sides at once", run: func(e *env) {
			e.created(1)
			e.together(8, func(int) error { return e.st.Close() })
		}},
		{name: "leaves no goroutine", run: func(e *env) {
			others := goleak.IgnoreCurrent()
			st := e.harness.Open(e.TB)
			w := e.walk()
			require.NoError(e, commitOne(e.Context(), st, w.Create()))
			for _, c := range calls {
				require.NoError(e, ignoreTaken(c.call(e.Context(), st, w)))
			}
			require.NoError(e, st.Close())
			require.NoError(e, goleak.Find(others))
		}},
		{name: "while others write", run: func(e *env) {
			walks := e.closeWhileWriting()
			for _, w := range walks {
				require.ErrorIs(e, commitOne(e.Context(), e.st, w.Refuse()), store.ErrClosed)
			}
		}},
		{name: "while others write keeps what was acknowledged", reopens: true, run: func(e *env) {
			walks := e.closeWhileWriting()
			e.use(e.harness.Reopen(e.TB, e.st))
			for _, w := range walks {
				entries := e.history(w.Activation.StepsID)
				acknowledged := w.Entries[:len(w.Entries)-1]
				require.GreaterOrEqual(e, len(entries), len(acknowledged))
				e.requireEntries(acknowledged, entries[:len(acknowledged)])
				e.requireChain(e.load(w.Activation.StepsID), entries)
			}
		}},
	}
	for _, c := range calls {
		cases = append(cases, testCase{name: fmt.Sprintf("then %s", c.name), run: func(e *env) {
			w := e.created(1)[0]
			require.NoError(e, e.st.Close())
			for range 2 {
				require.ErrorIs(e, c.call(e.Context(), e.st, w), store.ErrClosed)
			}
		}})
	}
	return cases
}

// ignoreTaken returns err, or nil for the conditions that a call on a used
// store may meet.
func ignoreTaken(err error) error {
	if errors.Is(err, store.ErrExists) || errors.Is(err, store.ErrConflict) {
		return nil
	}
	return err
}

// closeWhileWriting closes the store under four writers. Each one's newest
// entry is the only one that was not acknowledged.
func (e *env) closeWhileWriting() []*Walk {
	e.Helper()
	walks := e.created(4)
	var writes atomic.Int32
	var closed atomic.Bool
	underway := make(chan struct{})
	var once sync.Once
	begin := func() { once.Do(func() { close(underway) }) }
	e.together(len(walks)+1, func(i int) error {
		if i == len(walks) {
			<-underway
			err := e.st.Close()
			closed.Store(true)
			return err
		}
		defer begin()
		for {
			over := closed.Load()
			err := commitOne(e.Context(), e.st, walks[i].Refuse())
			switch {
			case errors.Is(err, store.ErrClosed), errors.Is(err, store.ErrUnavailable):
				return nil
			case err != nil:
				return err
			case over:
				return errors.New("a commit after Close was acknowledged")
			}
			if writes.Add(1) == 20 {
				begin()
			}
		}
	})
	return walks
}

// Package bench measures the engine on a store beside the disk's own limit: how
// fast records of the same size can be appended to a file, each synced before
// its caller goes on.
//
// What is measured is the life of an activation: created, its three steps
// completed, read. Each caller lives one after the other and waits for every
// answer. The four calls that make something durable are counted as throughput;
// reads come on top, and their time is in it.
//
// The engine and the limit take turns in each round, and ratios are medians over
// the rounds of what was measured right after each other, so that they hold on
// a machine that does other things too.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// Options say what is measured.
type Options struct {
	Place    Place
	Callers  []int     // how many at once, each a series of its own
	Rounds   int       // of each series
	Budget   Budget    // of each measurement
	Preload  int       // measure also on a store that holds so many activations
	HTTP     bool      // measure requests to a server, in place of calls
	Command  string    // for the report
	Progress io.Writer // a terminal that a bar is drawn on; nil: none is
}

// Place is where stores can be made.
type Place struct {
	Name string
	// Dir is an empty or absent directory on the file system to be measured,
	// which is removed afterwards. "": the stores are in memory, and the limit
	// is that of the directory for temporary files.
	Dir string
	// Open opens a store in a directory that does not exist, or that it left.
	Open func(dir string) (store.Store, error)
}

// Run measures, and removes what it made. Where ctx ends before it is done, it
// returns the context's error once the calls under way have ended. ErrInUse:
// nothing was done.
func Run(ctx context.Context, o Options) (*Report, error) {
	s, err := begin(ctx, o)
	if err != nil {
		return nil, err
	}
	report := &Report{
		Date:    time.Now().UTC().Truncate(time.Second),
		Command: o.Command,
		Machine: thisMachine(),
		Store:   o.Place.Name,
	}
	if o.HTTP {
		err = s.measureHTTP(ctx, report)
	} else {
		err = s.measureEngine(ctx, report)
	}
	if err = errors.Join(err, s.close()); err != nil {
		return nil, err
	}
	return report, nil
}

// session is a run of the benchmark.
type session struct {
	Options
	plan    steps.Plan
	dir     string // of everything
	journal *journal
	records [][]byte // what the journal is given
	full    *full    // the store that was filled beforehand, or nil
	stores  int      // that were made
}

// begin makes what every measurement needs.
func begin(ctx context.Context, o Options) (*session, error) {
	s := &session{Options: o}
	s.plan, _ = steps.Default().Latest(steps.RemoteCommands)
	var err error
	if s.records, err = record(ctx, s.plan); err != nil {
		return nil, err
	}
	if s.dir, err = makeScratch(s.Place.Dir); err != nil {
		return nil, err
	}
	if s.journal, err = newJournal(filepath.Join(s.dir, "limit")); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	return s, nil
}

func (s *session) close() error { return errors.Join(s.journal.close(), os.RemoveAll(s.dir)) }

// ErrInUse: the directory holds something already.
var ErrInUse = errors.New("the directory is not empty, and the benchmark removes it afterwards")

// makeScratch makes the directory that everything is in, which must not hold
// anything yet.
func makeScratch(dir string) (string, error) {
	if dir == "" {
		return os.MkdirTemp("", "stepgate-bench-")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	files, err := os.ReadDir(dir)
	if err == nil && len(files) > 0 {
		err = fmt.Errorf("%s: %w", dir, ErrInUse)
	}
	return dir, err
}

// newDir names a directory for a new store.
func (s *session) newDir() string {
	s.stores++
	return filepath.Join(s.dir, fmt.Sprintf("store-%d", s.stores))
}

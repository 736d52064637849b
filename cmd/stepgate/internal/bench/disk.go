package bench

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/stepgate/stepgate/store"
)

// compacter is a store that can do at once what it does in time.
type compacter interface {
	Compact(ctx context.Context) error
}

// What is measured of a directory.
const (
	diskCompacted = "all files of the store's directory after compaction and closing, less those of an empty store"
	diskClosed    = "all files of the store's directory after closing, less those of an empty store; the store cannot be compacted"
)

// measureDisk returns what a store that was closed takes on its disk when it is
// compacted, in bytes, and how that was measured.
func (s *session) measureDisk(ctx context.Context, dir string) (bytes int64, how string, err error) {
	st, err := s.Place.Open(dir)
	if err != nil {
		return 0, "", err
	}
	how, err = compact(ctx, st)
	if err = errors.Join(err, st.Close()); err != nil {
		return 0, "", err
	}
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	return bytes, how, err
}

func compact(ctx context.Context, st store.Store) (how string, err error) {
	c, ok := st.(compacter)
	if !ok {
		return diskClosed, nil
	}
	return diskCompacted, c.Compact(ctx)
}

// perActivation returns what each of n activations takes in a directory.
func (s *session) perActivation(ctx context.Context, dir string, n int64) (*Disk, error) {
	empty, _, err := s.measureDisk(ctx, s.newDir())
	if err != nil {
		return nil, err
	}
	whole, how, err := s.measureDisk(ctx, dir)
	if err != nil {
		return nil, err
	}
	return &Disk{Activations: n, PerActivation: float64(whole-empty) / float64(n), How: how}, nil
}

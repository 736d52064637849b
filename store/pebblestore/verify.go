package pebblestore

import (
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/stepgate/stepgate/store"
)

// preflight looks for damage before Pebble changes any file: it would drop
// what it cannot read of its log and of its list of files, and delete the
// files that it does not find there.
func (s *Store) preflight(sealed seal, found bool) error {
	desc, err := pebble.Peek(s.dbDir(), s.disk)
	if err != nil {
		return fromPebble(err)
	}
	if s.opts.noSeal {
		return nil
	}
	if sealed.clean {
		return s.verifyManifest(sealed.manifest)
	}
	if !desc.Exists {
		return nil // verified by what opening finds
	}
	opts := s.pebbleOptions()
	opts.ReadOnly = true
	db, err := pebble.Open(s.dbDir(), opts)
	if err != nil {
		return fromPebble(err)
	}
	end, err := verifyFeed(db, sealed.at)
	if err == nil && !found && end.sequence > 0 {
		err = fmt.Errorf("%w: the seal is missing or damaged", store.ErrCorrupt)
	}
	if closing := db.Close(); err == nil {
		err = fromPebble(closing)
	}
	return err
}

func (s *Store) verifyManifest(sum uint32) error {
	found, err := manifestSum(s.disk, s.dir)
	if err != nil {
		return fmt.Errorf("%w: Pebble's list of files: %w", store.ErrCorrupt, err)
	}
	if found != sum {
		return fmt.Errorf("%w: Pebble's list of files is not the one that the store was closed with", store.ErrCorrupt)
	}
	return nil
}

// verifyFeed walks what Pebble's log adds to the feed in its files, sees that it
// reaches the seal, and returns its end.
func verifyFeed(db *pebble.DB, sealed mark) (mark, error) {
	end, err := flushedEnd(db)
	if err != nil {
		return mark{}, err
	}
	it, err := db.NewIter(nil)
	if err != nil {
		return mark{}, fromPebble(err)
	}
	defer it.Close()
	reached := end.sequence > sealed.sequence
	end, err = walkFeed(it, end, func(after mark, _ []move) (bool, error) {
		reached = reached || after == sealed
		return true, nil
	})
	if err == nil && !reached && end != sealed {
		err = fmt.Errorf("%w: the feed ends at entry %d, and had reached entry %d", store.ErrCorrupt, end.sequence, sealed.sequence)
	}
	return end, err
}

// flushedEnd returns the end of the feed in Pebble's files, its log left out.
func flushedEnd(db *pebble.DB) (mark, error) {
	it, err := db.NewIter(&pebble.IterOptions{OnlyReadGuaranteedDurable: true})
	if err != nil {
		return mark{}, fromPebble(err)
	}
	defer it.Close()
	return feedEnd(it)
}

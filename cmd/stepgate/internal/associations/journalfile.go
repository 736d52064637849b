package associations

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/stepgate/stepgate/steps"
)

// journalFile is an NDJSON file that grows at its end, or is replaced as a
// whole.
type journalFile struct {
	path string
	file *os.File // nil until something is written
	end  int64    // behind what is durable
}

// record is a line of the journal: the form of an NDJSON file of associations.
type record struct {
	ID      string `json:"carAssociationID"`
	User    string `json:"user"`
	Service string `json:"service"`
	VIN     string `json:"vin"`
}

// readJournal returns what a journal remembers, oldest first. A last line
// without its end was never acknowledged: the next one overwrites it. Nor was
// what a replacement left that did not come to its end.
func readJournal(path string, plans steps.Catalog) (journalFile, []steps.Association, error) {
	j := journalFile{path: path}
	if err := os.Remove(j.next()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return j, nil, err
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return j, nil, nil
	}
	if err != nil {
		return j, nil, err
	}
	data = data[:bytes.LastIndexByte(data, '\n')+1]
	j.end = int64(len(data))
	rows, faults := parseNDJSON(data)
	found := make([]steps.Association, 0, len(rows))
	for _, r := range rows {
		a, wrong := r.check(plans)
		faults = append(faults, wrong...)
		found = append(found, a)
	}
	if len(faults) > 0 {
		return j, nil, sorted(path, faults)
	}
	return j, found, nil
}

// next is the name of the file that will take the journal's place.
func (j *journalFile) next() string { return j.path + ".new" }

// append writes behind what is durable, so that what a failed write left there
// is overwritten or cut off.
func (j *journalFile) append(all []steps.Association) error {
	if j.file == nil {
		if err := j.create(); err != nil {
			return err
		}
	}
	lines, err := encode(all)
	if err != nil {
		return err
	}
	err = j.file.Truncate(j.end)
	if err == nil {
		_, err = j.file.WriteAt(lines, j.end)
	}
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		return fmt.Errorf("journal %s: %w", j.path, err)
	}
	j.end += int64(len(lines))
	return nil
}

// replace makes the file anew, whole or not at all, and durably. Where there is
// none, there is nothing to replace.
func (j *journalFile) replace(all []steps.Association) error {
	if _, err := os.Stat(j.path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	lines, err := encode(all)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(j.next(), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(lines)
	if err == nil {
		err = file.Sync()
	}
	if err == nil {
		err = os.Rename(j.next(), j.path)
	}
	if err != nil {
		_ = os.Remove(j.next()) // the next replacement, or start, does otherwise
		return errors.Join(fmt.Errorf("journal %s: %w", j.path, err), file.Close())
	}
	_ = j.close() // of the file that has no name any more
	j.file, j.end = file, int64(len(lines))
	return syncDir(j.path)
}

func encode(all []steps.Association) ([]byte, error) {
	var lines bytes.Buffer
	enc := json.NewEncoder(&lines)
	for _, a := range all {
		if err := enc.Encode(record(a)); err != nil {
			return nil, err
		}
	}
	return lines.Bytes(), nil
}

// create opens the file, and makes its name durable.
func (j *journalFile) create() error {
	file, err := os.OpenFile(j.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := syncDir(j.path); err != nil {
		return errors.Join(err, file.Close())
	}
	j.file = file
	return nil
}

// syncDir makes the name of a file durable.
func syncDir(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (j *journalFile) close() error {
	if j.file == nil {
		return nil
	}
	return j.file.Close()
}

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

// journalFile is an NDJSON file that grows at its end.
type journalFile struct {
	path string
	file *os.File // nil until something is appended
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
// without its end was never acknowledged: the next one overwrites it.
func readJournal(path string, plans steps.Catalog) (journalFile, []steps.Association, error) {
	j := journalFile{path: path}
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

// append writes behind what is durable, so that what a failed write left there
// is overwritten or cut off.
func (j *journalFile) append(all []steps.Association) error {
	if j.file == nil {
		if err := j.create(); err != nil {
			return err
		}
	}
	var lines bytes.Buffer
	enc := json.NewEncoder(&lines)
	for _, a := range all {
		if err := enc.Encode(record(a)); err != nil {
			return err
		}
	}
	err := j.file.Truncate(j.end)
	if err == nil {
		_, err = j.file.WriteAt(lines.Bytes(), j.end)
	}
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		return fmt.Errorf("journal %s: %w", j.path, err)
	}
	j.end += int64(lines.Len())
	return nil
}

// create opens the file, and makes its name durable.
func (j *journalFile) create() error {
	file, err := os.OpenFile(j.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(j.path))
	if err == nil {
		err = errors.Join(dir.Sync(), dir.Close())
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	j.file = file
	return nil
}

func (j *journalFile) close() error {
	if j.file == nil {
		return nil
	}
	return j.file.Close()
}

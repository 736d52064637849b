package associations

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/stepgate/stepgate/steps"
)

// Fault is one thing wrong in a file.
type Fault struct {
	Line  int    // from 1
	Field string // "" where the fault is the line's as a whole
	Text  string
}

// Faults is the error of a file that cannot be taken: everything wrong in it,
// in the order of its lines.
type Faults struct {
	Path string
	List []Fault
}

// Error returns a line a fault, each as path:line: field: text.
func (f *Faults) Error() string {
	lines := make([]string, len(f.List))
	for i, fault := range f.List {
		where := fmt.Sprintf("%s:%d: ", f.Path, fault.Line)
		if fault.Field != "" {
			where += fault.Field + ": "
		}
		lines[i] = where + fault.Text
	}
	return strings.Join(lines, "\n")
}

// row is an association as it stands in a file, not yet checked.
type row struct {
	line   int
	fields []field
}

type field struct {
	line        int
	name, value string
}

// readFile returns the associations of a file: NDJSON where it begins with a
// brace, and a YAML list otherwise. The error of a faulty one is *Faults.
func readFile(path string, plans steps.Catalog) ([]steps.Association, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	parse := parseYAML
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		parse = parseNDJSON
	}
	rows, faults := parse(data)
	found := make([]steps.Association, 0, len(rows))
	lineOf := make(map[string]int, len(rows))
	for _, r := range rows {
		a, wrong := r.check(plans)
		faults = append(faults, wrong...)
		if len(wrong) > 0 {
			continue
		}
		if earlier, twice := lineOf[a.ID]; twice {
			faults = append(faults, Fault{r.line, "carAssociationID", fmt.Sprintf("%q stands on line %d already", a.ID, earlier)})
			continue
		}
		lineOf[a.ID] = r.line
		found = append(found, a)
	}
	if len(faults) > 0 {
		return nil, sorted(path, faults)
	}
	return found, nil
}

// check returns the association of a row, or all that is wrong with it.
func (r *row) check(plans steps.Catalog) (a steps.Association, faults []Fault) {
	members := members(&a)
	given := make(map[string]bool, len(members))
	for _, f := range r.fields {
		m := memberNamed(members, f.name)
		switch {
		case m == nil:
			faults = append(faults, Fault{f.line, f.name, "no such field: an association has " + fieldNames})
		case given[f.name]:
			faults = append(faults, Fault{f.line, f.name, "stands twice"})
		default:
			given[f.name] = true
			*m.value = f.value
			if err := checkMember(m, plans); err != nil {
				faults = append(faults, Fault{f.line, f.name, detail(err)})
			}
		}
	}
	for _, m := range members {
		if !given[m.name] {
			faults = append(faults, Fault{r.line, m.name, "is missing"})
		}
	}
	return a, faults
}

// detail is what an error says beyond its label.
func detail(err error) string {
	if e, ok := errors.AsType[*steps.Error](err); ok {
		return e.Detail
	}
	return err.Error()
}

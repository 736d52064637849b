package planfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Fault is one thing that is wrong with a file.
type Fault struct {
	File   string // its path, from Load; otherwise ""
	Line   int    // from 1
	Column int    // from 1, in characters
	Path   string // "services.remoteCommands.versions[0].steps[1].ttl"; "" where it is the file's as a whole
	What   string // a sentence that says what to do; it shows no URL and nothing that may be a token
}

// String returns "file:line:column: what", without the file where there is
// none.
func (f Fault) String() string {
	where := fmt.Sprintf("%d:%d: ", f.Line, f.Column)
	if f.File != "" {
		where = f.File + ":" + where
	}
	return where + f.What
}

// Faults is the error of a file that cannot be taken: all that is wrong with
// it, in the order of the places. Of a text that is no YAML it has the first
// fault alone, since nobody can tell what the rest means.
type Faults []Fault

// Error returns a line a fault.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// within returns the faults, each in a place that the text has. The library
// miscounts the columns behind some texts in quotes.
func (f Faults) within(text string) Faults {
	lines := strings.Split(text, "\n")
	for i := range f {
		f[i].Line = max(1, min(f[i].Line, len(lines)))
		f[i].Column = max(1, min(f[i].Column, 1+utf8.RuneCountInString(lines[f[i].Line-1])))
	}
	return f
}

// sorted returns the faults in order, each once: what aliases repeat is at
// fault in one place.
func (f Faults) sorted() Faults {
	slices.SortStableFunc(f, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.What, b.What))
	})
	return slices.CompactFunc(f, func(a, b Fault) bool {
		return a.Line == b.Line && a.Column == b.Column && a.What == b.What
	})
}

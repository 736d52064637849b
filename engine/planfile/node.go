package planfile

import (
	"regexp"
	"strings"
)

// place is where something stands in a file, from 1, the column in characters.
type place struct{ line, column int }

// kind is what a value is.
type kind uint8

const (
	kindBroken kind = iota // it has a fault that was told
	kindNull               // nothing stands there
	kindBoolean
	kindNumber
	kindText
	kindList
	kindMapping
)

// kindNames are the names of the kinds in messages, which show a boolean itself.
var kindNames = [...]string{kindNull: "empty", kindNumber: "a number", kindText: "text", kindList: "a list", kindMapping: "a mapping"}

// node is a value of a file.
type node struct {
	place
	used   place // where an alias stands for it; without one its own place
	kind   kind
	holes  bool    // of a mapping: it has keys that cannot be read, which was told
	text   string  // of a text as it means, of a number or a boolean as it stands
	fields []field // of a mapping, in the order of the file, each key once
	items  []*node // of a list
	size   int     // how many nodes it is made of, with itself
}

// field is a key of a mapping, and its value.
type field struct {
	place
	name  string
	value *node
}

// value is a node, or none, under the path that led to it.
type value struct {
	*node
	path string
}

// there reports whether there is a node, whatever it is.
func (v value) there() bool { return v.node != nil }

func (v value) field(f *field) value {
	if v.path == "" {
		return value{f.value, f.name}
	}
	return value{f.value, v.path + "." + f.name}
}

var labelForm = regexp.MustCompile(`^\w{1,64}(\[\d+\])?$`)

// label is how a message calls the value: by its key.
func (v value) label() string {
	if v.path == "" {
		return "the file"
	}
	key := v.path[strings.LastIndexByte(v.path, '.')+1:]
	if !labelForm.MatchString(key) {
		return quoted(key)
	}
	return key
}

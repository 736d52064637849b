package main

import (
	"errors"
	"path/filepath"
	"strings"

	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/memstore"
	"github.com/stepgate/stepgate/store/pebblestore"
)

// place is where a store lies, as --store says it: "pebble:DIR" or "memory:".
// The zero value is nowhere.
type place struct {
	dir    string // "": in memory
	memory bool
}

const placeForms = `write "pebble:DIR", a directory, or "memory:", which forgets when it ends`

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *place) UnmarshalText(text []byte) error {
	kind, rest, _ := strings.Cut(string(text), ":")
	switch {
	case kind == "memory" && rest == "" && len(text) > len(kind):
		*p = place{memory: true}
	case kind == "pebble" && rest != "":
		*p = place{dir: rest}
	default:
		return errors.New(placeForms)
	}
	return nil
}

// String returns the place as --store says it.
func (p place) String() string {
	if p.memory {
		return "memory:"
	}
	return "pebble:" + p.dir
}

// describe says where the data lies, for people.
func (p place) describe() string {
	if p.memory {
		return "in memory: it is forgotten when the server ends"
	}
	dir, err := filepath.Abs(p.dir)
	if err != nil {
		dir = p.dir
	}
	return "in " + dir
}

// open opens the store.
func (p place) open() (store.Store, error) {
	if p.memory {
		return memstore.New(), nil
	}
	st, err := pebblestore.Open(p.dir, nil)
	switch {
	case errors.Is(err, store.ErrCorrupt):
		return nil, &failure{code: exitFault, err: err, next: "restore the directory from a copy, or begin another with --store"}
	case err != nil:
		return nil, &failure{code: exitUnreachable, err: err}
	}
	return st, nil
}

// journal returns the file that remembers the associations that are put, or "".
func (p place) journal() string {
	if p.memory {
		return ""
	}
	return filepath.Join(p.dir, "associations.ndjson")
}

// Package planfile reads the YAML file in which a deployment declares its plans
// and checkers, and writes it.
//
// A file is read whole or not at all. What is wrong with it is told all at
// once, each fault with its place ([Faults]). It is one document of at most
// [MaxSize] bytes; anchors and aliases are taken, merge keys and tags are not.
// docs/reference/plans.md has every key, and docs/reference/plan.schema.json
// the same as a JSON Schema.
package planfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// MaxSize is the greatest size of a file, in bytes.
const MaxSize = 1 << 20

// File is what a file declares. Its maps are nil where it declares none, and
// are not to be changed after it was read.
type File struct {
	Catalog     steps.Catalog
	Eligibility map[string]string      // by service: the checker that is asked before an activation is created
	Checkers    map[string]HTTPChecker // by name; steps and services name no other
}

// HTTPChecker says how a checker is asked over HTTP. Every member but URL may
// be zero.
type HTTPChecker struct {
	URL             string        // http or https, without credentials
	Timeout         time.Duration // of one attempt; zero: 2 seconds
	Retries         int           // how often an attempt that failed is made again
	TokenEnv        string        // the environment variable that holds the bearer token; "": none is sent
	BreakerFailures int           // so many failures in a row open the circuit breaker; zero: 5
	BreakerOpen     time.Duration // how long it stays open; zero: 10 seconds
}

// Load reads the file at path. A faulty one is Faults that carry the path;
// every other error is of the file system.
func Load(path string) (File, error) {
	f, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return File{}, err
	}
	file, err := Parse(text)
	if faults, ok := errors.AsType[Faults](err); ok {
		for i := range faults {
			faults[i].File = path
		}
	}
	return file, err
}

// Parse reads the text of a file. The error of a faulty one is Faults.
func Parse(text []byte) (File, error) {
	if len(text) > MaxSize {
		return File{}, Faults{{Line: 1, Column: 1, What: fmt.Sprintf("the file has more than %d bytes: no plan needs as much", MaxSize)}}
	}
	source := newlines.Replace(strings.TrimPrefix(string(text), "\uFEFF"))
	root, faults := parseYAML(source)
	r := reader{faults: faults}
	var file File
	if root != nil {
		file = r.file(value{node: root})
	}
	if len(r.faults) > 0 {
		return File{}, r.faults.within(source).sorted()
	}
	return file, nil
}

// reader turns a file's values into what they declare, and collects what is
// wrong with them.
type reader struct {
	faults Faults
	asked  []value // the names of checkers that steps and services give
}

var fileKeys = []string{"services", "checkers"}

func (r *reader) file(v value) File {
	o := r.object(v, "a plan file", fileKeys)
	r.need(o, "services", "the plans, by the service that they unlock")
	var file File
	plans := r.services(o.get("services"), &file)
	r.checkers(o.get("checkers"), &file)
	if len(r.faults) > 0 {
		return File{}
	}
	var err error
	if file.Catalog, err = steps.NewCatalog(plans...); err != nil {
		r.fault(v, v.place, "%s", detail(err))
	}
	return file
}

// detail is what an error of package steps says beyond its label.
func detail(err error) string {
	if e, ok := errors.AsType[*steps.Error](err); ok {
		return e.Detail
	}
	return err.Error()
}

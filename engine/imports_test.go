package engine_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/stepgate/stepgate"

// rule says what a package may import besides the standard library, and why
// no more.
type rule struct {
	own     []string // packages of this module, as their paths below it
	modules []string // of others
	why     string
}

// direction is who may import whom: cmd -> engine/… -> engine -> store ->
// steps, and never back. A package that is not in it may not exist, and what it
// allows and nobody imports is struck out.
var direction = map[string]rule{
	"steps": {why: "the words and the rules are values: nothing but the standard library"},
	"store": {own: []string{"steps"}, why: "the contract is about words alone, and knows no implementation"},
	"engine": {
		own:     []string{"steps", "store"},
		modules: []string{"github.com/looplab/fsm"},
		why:     "it judges, on any store: no driver, no broker, no HTTP",
	},
	"engine/internal/strictjson": {
		modules: []string{"github.com/go-json-experiment/json"},
		why:     "it reads JSON, whatever that means",
	},
	"engine/handler": {
		own:     []string{"steps", "engine/internal/strictjson"},
		modules: []string{"github.com/go-json-experiment/json"},
		why:     "it reads events, however they came, and judges none",
	},
	"engine/planfile": {
		own:     []string{"steps"},
		modules: []string{"github.com/goccy/go-yaml"},
		why:     "it reads plans, and says where a file is wrong",
	},
	"engine/httpcheck": {
		own:     []string{"steps", "engine", "engine/internal/strictjson"},
		modules: []string{"github.com/failsafe-go/failsafe-go"},
		why:     "a checker by HTTP: only who asks so links it",
	},
	"engine/httpapi": {
		own:     []string{"steps", "store", "engine", "engine/handler", "engine/planfile", "engine/internal/strictjson"},
		modules: []string{"github.com/danielgtaylor/huma/v2", "github.com/go-json-experiment/json", "github.com/goccy/go-yaml"},
		why:     "a shell around the engine, for any store: no driver",
	},
	"store/wire":     {own: []string{"steps", "store"}, why: "the form of what stores keep is ours alone, so that no library can change it"},
	"store/memstore": {own: []string{"steps", "store"}, why: "the reference: an embedding service links nothing for it"},
	"store/pebblestore": {
		own:     []string{"steps", "store", "store/wire"},
		modules: []string{"github.com/cockroachdb/pebble/v2"},
		why:     "a store imports the contract and its driver",
	},
	"store/storetest": {
		own:     []string{"steps", "store"},
		modules: []string{"github.com/stretchr/testify", "go.uber.org/goleak"},
		why:     "the contract as a test suite: the one package besides tests that imports what tests need",
	},
	"cmd/stepgate": {
		own: []string{
			"steps", "store", "engine", "engine/handler", "engine/httpapi", "engine/httpcheck", "engine/planfile",
			"store/memstore", "store/pebblestore",
			"cmd/stepgate/internal/associations", "cmd/stepgate/internal/bench", "cmd/stepgate/internal/client",
		},
		modules: []string{
			"github.com/alecthomas/kong", "github.com/goccy/go-yaml", "github.com/jedib0t/go-pretty/v6",
			"github.com/schollz/progressbar/v3", "golang.org/x/term",
		},
		why: "the program puts everything together, and is the only one that talks to a terminal",
	},
	"cmd/stepgate/internal/associations": {
		own:     []string{"steps", "engine"},
		modules: []string{"github.com/goccy/go-yaml"},
		why:     "it answers the engine's questions from a file",
	},
	"cmd/stepgate/internal/bench": {
		own:     []string{"steps", "store", "engine", "engine/handler", "engine/httpapi", "store/memstore", "store/wire"},
		modules: []string{"github.com/jedib0t/go-pretty/v6", "github.com/schollz/progressbar/v3"},
		why:     "it measures the engine, alone and behind HTTP, on whatever store it is given",
	},
	"cmd/stepgate/internal/client": {
		own: []string{"steps", "store", "engine", "engine/handler", "engine/httpapi", "engine/planfile"},
		why: "it asks an engine or a server, in the shapes of the API",
	},
}

// pkg is what `go list -json` says of a package.
type pkg struct {
	ImportPath string
	Standard   bool
	Imports    []string
	Module     *struct{ Path string }
}

// list returns packages and all that they link, without their tests.
func list(t *testing.T, patterns ...string) map[string]pkg {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-deps", "-test=false", "-json=ImportPath,Standard,Imports,Module"}, patterns...)...)
	cmd.Dir = ".."
	cmd.Stderr = t.Output()
	out, err := cmd.Output()
	require.NoError(t, err)

	packages := make(map[string]pkg)
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		require.NoError(t, err)
		packages[p.ImportPath] = p
	}
}

// violations returns what the packages of this module import against the
// rules, sorted.
func violations(packages map[string]pkg, rules map[string]rule) []string {
	var found []string
	for path, p := range packages {
		name, own := strings.CutPrefix(path, module+"/")
		if !own {
			continue
		}
		r, ok := rules[name]
		if !ok {
			found = append(found, name+" has no rule: say what it may import, and why")
			continue
		}
		unused := append(slices.Clone(r.own), r.modules...)
		for _, path := range p.Imports {
			imported := packages[path]
			if imported.Standard {
				continue
			}
			target, allowed := imported.Module.Path, r.modules
			if target == module {
				target, allowed = strings.TrimPrefix(path, module+"/"), r.own
			}
			if !slices.Contains(allowed, target) {
				found = append(found, fmt.Sprintf("%s imports %s; but %s", name, target, r.why))
			}
			unused = slices.DeleteFunc(unused, func(s string) bool { return s == target })
		}
		for _, target := range unused {
			found = append(found, fmt.Sprintf("%s may import %s and does not: strike it out", name, target))
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// TestImportDirection holds every package to its rule.
func TestImportDirection(t *testing.T) {
	require.Empty(t, violations(list(t, "./..."), direction))
}

// TestImportDirectionControl breaks the rules in every way that there is.
func TestImportDirectionControl(t *testing.T) {
	other := &struct{ Path string }{"example.com/driver"}
	own := &struct{ Path string }{module}
	packages := map[string]pkg{
		"fmt":                    {ImportPath: "fmt", Standard: true},
		"example.com/driver/sub": {ImportPath: "example.com/driver/sub", Module: other},
		module + "/steps":        {ImportPath: module + "/steps", Module: own, Imports: []string{"fmt", module + "/store", "example.com/driver/sub"}},
		module + "/store":        {ImportPath: module + "/store", Module: own},
		module + "/new":          {ImportPath: module + "/new", Module: own},
	}
	rules := map[string]rule{"steps": {why: "values only"}, "store": {own: []string{"steps"}}}
	require.Equal(t, []string{
		"new has no rule: say what it may import, and why",
		"steps imports example.com/driver; but values only",
		"steps imports store; but values only",
		"store may import steps and does not: strike it out",
	}, violations(packages, rules))
}

// TestEmbeddingLinksLittle: a service that embeds the engine and the memory
// store links looplab/fsm and the standard library.
func TestEmbeddingLinksLittle(t *testing.T) {
	linked := make(map[string]bool)
	for _, p := range list(t, "./engine", "./store/memstore") {
		if !p.Standard {
			linked[p.Module.Path] = true
		}
	}
	require.Equal(t, map[string]bool{module: true, "github.com/looplab/fsm": true}, linked)
}

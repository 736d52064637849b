package planfile_test

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine/planfile"
)

// beyond is what the parser refuses and the schema cannot say: how the fault
// reads, and why the schema cannot.
var beyond = map[string]string{
	`^no checker .* is declared`:                      "a value is compared with keys elsewhere",
	`^nothing asks the checker`:                       "a key is compared with values elsewhere",
	`names a step on line`:                            "values of several lists are to differ",
	`^version \d+ stands on line`:                     "one member of all items is to differ",
	`it must be a duration of a millisecond or more$`: "a pattern sees digits and not what they come to",
	`which is longer than 290 years`:                  "as above",
	`, in decimal digits$`:                            "it sees the number, not how it is written",
	`^url has a user or a password`:                   "a pattern for the parts of a URL would be hard to read",
	`^url cannot be called`:                           "as above: no host, or a port that no host has",
	`^the key .* stands on line`:                      "it sees one of the two",
	`^tags are not taken`:                             "it sees the value alone",
	`^merge keys are not taken`:                       "it sees what they merge",
	`^a second document begins here`:                  "it sees one",
	`^the document ended above`:                       "as above",
	`^a directive stands here`:                        "it sees none",
	`^a key that is marked with`:                      "it sees the key alone",
	`^a key has no anchor`:                            "as above",
	`more than \d+ bytes`:                             "it sees no text",
	`^a key is text`:                                  "in JSON each is",
}

// texts are files, most of them faulty, that the grid below does not come to.
var texts = []string{
	"services: {a: {versions: [{version: 1, steps: [{name: a}]}]}}",
	"services: {a: {versions: [{version: 1, steps: [{name: a}, {name: a}]}]}}",
	"services: {a: {versions: [{version: 1, steps: [{name: a, aliases: [b]}, {name: b}]}]}}",
	"services: {a: {versions: [{version: 1, steps: [{name: a}]}, {version: 1, steps: [{name: a}]}]}}",
	"services: {a: {versions: [{version: 2, steps: [{name: a}]}, {version: 1, steps: [{name: a}]}]}}",
	"services: {a: {versions: [{version: 1, steps: [{name: expired}]}]}}",
	"services: {a: {versions: [{version: 1, steps: [{name: a, aliases: [erased]}]}]}}",
	"services: {a: {versions: [{version: 1, steps: [{name: a, ttl: 300000d}]}]}}",
	"services: {a: {versions: [{version: 0x1, steps: [{name: a}]}]}}",
	"services: {a: {versions: [{version: 1.0, steps: [{name: a}]}]}}",
	"services: {a: {versions: [{version: 1, version: 2, steps: [{name: a}]}]}}",
	"services: {a: {versions: [{version: 1, steps: [{name: !!str a}]}]}}",
	"services: {a: {versions: [{version: 1, steps: [{name: &b a}, {name: c, aliases: [*b]}]}]}}",
	"services: {a: &a {versions: [{version: 1, steps: [{name: a}]}]}, b: *a, c: {<<: *a}}",
	"services: {true: {versions: [{version: 1, steps: [{name: a}]}]}}",
	"services: {&b a: {versions: [{version: 1, steps: [{name: a}]}]}}",
	"? services\n: {a: {versions: [{version: 1, steps: [{name: a}]}]}}",
	"services: {a: {versions: [{version: 1, steps: [{name: a}]}]}}\n---\nservices: {}\n",
	"services: {a: {versions: [{version: 1, steps: [{name: a}]}]}}\n...\n# more\nservices: {}\n",
	"%YAML 1.2\n---\nservices: {a: {versions: [{version: 1, steps: [{name: a}]}]}}\n",
	"services: {a: {versions: [{version: 1, steps: [{name: a}]}]}} #" + strings.Repeat(" ", planfile.MaxSize),
	"services: {a: {versions: [{version: 1, steps: [" + strings.TrimSuffix(strings.Repeat("{name: a}, ", 65), ", ") + "]}]}}",
	`services: {a: {eligibility: e, versions: [{version: 1, steps: [{name: a}]}]}}` + "\n" + `checkers: {e: {http: {url: "https://u:p@e.example"}}}`,
	`services: {a: {eligibility: e, versions: [{version: 1, steps: [{name: a}]}]}}` + "\n" + `checkers: {e: {http: {url: "https://e.example/#a"}}}`,
	`services: {a: {eligibility: e, versions: [{version: 1, steps: [{name: a}]}]}}` + "\n" + `checkers: {e: {http: {url: "http://[::1]:8080/a?b=c&d=@"}}}`,
	`services: {a: {eligibility: e, versions: [{version: 1, steps: [{name: a}]}]}}` + "\n" + `checkers: {e: {http: {url: "https://e.example:99999"}}}`,
	`services: {a: {eligibility: e, versions: [{version: 1, steps: [{name: a}]}]}}` + "\n" + `checkers: {e: {http: {url: "https:///a"}}}`,
	`services: {a: {eligibility: e, versions:[{version: 1, steps: [{name: a}]}]}}` + "\n" + `checkers: {e: {http: {url: "https://e.example/` + strings.Repeat("a", 2048) + `"}}}`,
	"", "# nothing", "null", "services", "[]", "services:", "checkers: {}",
}

func schemaText(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("../../docs/reference/plan.schema.json")
	require.NoError(t, err)
	return text
}

func compiled(t *testing.T, text []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("plan.schema.json", doc))
	schema, err := c.Compile("plan.schema.json")
	require.NoError(t, err)
	return schema
}

// candidate is a file as both see it.
type candidate struct {
	text   string
	faults planfile.Faults // of the parser
	doc    any             // for the schema
	isJSON bool            // whether there is a doc
}

func newCandidate(text string, asJSON []byte) candidate {
	c := candidate{text: text}
	_, err := planfile.Parse([]byte(text))
	c.faults, _ = err.(planfile.Faults)
	c.doc, err = jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	c.isJSON = err == nil
	return c
}

// candidates are the texts above, and the full example with every value
// replaced by everything that could stand in its place.
func candidates(t *testing.T) []candidate {
	t.Helper()
	var all []candidate
	for _, text := range append(examples(t), texts...) {
		asJSON, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			asJSON = nil // no schema ever sees it
		}
		all = append(all, newCandidate(text, asJSON))
	}
	var full any
	require.NoError(t, yaml.Unmarshal([]byte(examples(t)[0]), &full))
	mutate(full, func(any) {}, func() {
		text, err := json.Marshal(full) // which is YAML
		require.NoError(t, err)
		all = append(all, newCandidate(string(text), text))
	})
	return all
}

// comparison is where the schema and the parser differ.
type comparison struct {
	wrong  []string        // against the rule below
	beyond map[string]bool // the patterns of beyond that were met
	both   int             // how many files both refuse
	taken  int             // how many both take
}

// compare holds that what the schema refuses the parser refuses, and that what
// the parser alone refuses stands in beyond.
func compare(schema *jsonschema.Schema, candidates []candidate) comparison {
	c := comparison{beyond: make(map[string]bool)}
	for _, file := range candidates {
		refused := file.isJSON && schema.Validate(file.doc) != nil
		switch {
		case refused && len(file.faults) > 0:
			c.both++
		case refused:
			c.wrong = append(c.wrong, "the schema alone refuses: "+file.text)
		case len(file.faults) == 0:
			c.taken++
		default:
			for _, fault := range file.faults {
				if !c.meets(fault.What) {
					c.wrong = append(c.wrong, "the parser alone refuses: "+file.text+"\n"+fault.String())
				}
			}
		}
	}
	return c
}

func (c *comparison) meets(what string) bool {
	for pattern := range beyond {
		if regexp.MustCompile(pattern).MatchString(what) {
			c.beyond[pattern] = true
			return true
		}
	}
	return false
}

// stands is what could stand in a value's place.
var stands = []any{
	nil, true, false, 0, -1, 1, 2, 1.5, 11, 64, 101, 1001, 2147483648, 4294967296, "", "x", "9x", "a-b", strings.Repeat("x", 65), "activated", "stepsID",
	"user", "vehicles", "10m", "1.5d", "0s", "0.5ms", "1us", "-1h", "30 days", "300000d", "https://h.example", "ftp://h.example", "https://h.example/ a", "A_1",
	[]any{},
	[]any{"x"},
	[]any{"x", "x"},
	map[string]any{},
	map[string]any{"x": nil},
	map[string]any{"name": "x"},
	map[string]any{"version": 1},
}

// mutate calls try with each change of a tree: a value replaced, a key taken
// out, a key put in. set replaces the tree in what holds it.
func mutate(tree any, set func(any), try func()) {
	for _, other := range stands {
		set(other)
		try()
	}
	set(tree)
	switch tree := tree.(type) {
	case []any:
		for i, item := range tree {
			mutate(item, func(v any) { tree[i] = v }, try)
		}
	case map[string]any:
		tree["unknown"] = 1
		try()
		delete(tree, "unknown")
		for key, value := range tree {
			delete(tree, key)
			try()
			tree["9"+key] = value
			try()
			delete(tree, "9"+key)
			tree[key] = value
		}
		for key, value := range tree {
			mutate(value, func(v any) { tree[key] = v }, try)
		}
	}
}

// TestSchema holds the schema and the parser to each other. Its controls: a
// schema that says less or more than the parser is found.
func TestSchema(t *testing.T) {
	files, text := candidates(t), schemaText(t)
	c := compare(compiled(t, text), files)
	require.Empty(t, c.wrong)
	require.Greater(t, c.both, 1000)
	require.Greater(t, c.taken, 50)
	for pattern := range beyond {
		require.True(t, c.beyond[pattern], "no file shows it: %s", pattern)
	}

	for what, change := range map[string][2]string{
		"it lost a limit":             {`"maximum": 100`, `"maximum": 101`},
		"it lost a reserved name":     {`"activated", `, ``},
		"it allows any key":           {`"additionalProperties": false`, `"additionalProperties": true`},
		"it lost a dependency":        {`"tries": ["window", "lockout"]`, `"tries": ["window"]`},
		"it lost what confirm needs":  {`"const": true`, `"const": 1`},
		"it takes another unit":       {`|ms))+$`, `|ms|us))+$`},
		"it takes an empty mapping":   {`"minProperties": 1`, `"minProperties": 0`},
		"it has a limit of its own":   {`"maximum": 1000`, `"maximum": 2`},
		"it refuses a scope":          {`"activation", "user", `, `"activation", `},
		"it refuses a unit":           {`(d|h|m|s|ms)`, `(h|m|s|ms)`},
		"it needs what is not needed": {`"required": ["http"]`, `"required": ["http", "exec"]`},
	} {
		t.Run("control: "+what, func(t *testing.T) {
			doctored := bytes.ReplaceAll(text, []byte(change[0]), []byte(change[1]))
			require.NotEqual(t, string(text), string(doctored))
			require.NotEmpty(t, compare(compiled(t, doctored), files).wrong)
		})
	}
}

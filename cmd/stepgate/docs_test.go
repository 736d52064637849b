package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

const root = "../.."

// pages returns the README and every page below docs, by their paths.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found := make(map[string]string)
	read := func(path string) {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		found[path] = string(text)
	}
	read(filepath.Join(root, "README.md"))
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".md" {
			read(path)
		}
		return err
	})
	require.NoError(t, err)
	return found
}

var (
	linkPattern  = regexp.MustCompile(`\]\(([^)#\s]+)(#[^)]*)?\)`)
	blockPattern = regexp.MustCompile("(?ms)^```.*?^```$")
)

// brokenLinks returns the relative links of a page that lead nowhere. Code has
// none.
func brokenLinks(path, page string) []string {
	var broken []string
	for _, link := range linkPattern.FindAllStringSubmatch(blockPattern.ReplaceAllString(page, ""), -1) {
		target := link[1]
		if strings.Contains(target, "://") {
			continue
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), target)); err != nil {
			broken = append(broken, path+": "+target)
		}
	}
	return broken
}

// TestLinks follows every relative link.
func TestLinks(t *testing.T) {
	for path, page := range pages(t) {
		require.Empty(t, brokenLinks(path, page))
	}
	require.Len(t, brokenLinks(filepath.Join(root, "README.md"), "```go\na[b](c)\n```\n[a](docs/none.md) [b](docs#x) [c](https://example.com/)"), 1)
}

// TestIndex: the index leads to every page.
func TestIndex(t *testing.T) {
	all := pages(t)
	docs := filepath.Join(root, "docs")
	index := all[filepath.Join(docs, "README.md")]
	for path := range all {
		name, err := filepath.Rel(docs, path)
		require.NoError(t, err)
		if name != "README.md" && !strings.HasPrefix(name, "..") {
			require.Contains(t, index, "("+name+")")
		}
	}
}

// blocks returns the code of a page that is marked with a language.
func blocks(page, language string) []string {
	var found []string
	for _, part := range strings.Split(page, "\n```"+language+"\n")[1:] {
		code, _, _ := strings.Cut(part, "\n```\n")
		found = append(found, code)
	}
	return found
}

// examples returns the bodies of the examples of the engine, which are
// compiled and run with it.
func examples(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, "engine", "example*_test.go"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	var bodies []string
	for _, name := range names {
		source, err := os.ReadFile(name)
		require.NoError(t, err)
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, "", source, 0)
		require.NoError(t, err)
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			body := string(source[files.Position(f.Body.Lbrace).Offset+1 : files.Position(f.Body.Rbrace).Offset])
			bodies = append(bodies, strings.TrimSpace(strings.ReplaceAll(body, "\n\t", "\n")))
		}
	}
	return bodies
}

// TestSnippets: what the README and the guide show in Go is an example.
func TestSnippets(t *testing.T) {
	compiled := examples(t)
	shown := 0
	for path, page := range pages(t) {
		if !strings.HasSuffix(path, "README.md") && !strings.Contains(path, "guide") {
			continue
		}
		for _, code := range blocks(page, "go") {
			require.Contains(t, compiled, code, path)
			shown++
		}
	}
	require.Equal(t, len(compiled), shown, "each example is shown, and each snippet is one")
}

// TestEventReference: the tables name every event type and every refusal.
func TestEventReference(t *testing.T) {
	page := pages(t)[filepath.Join(root, "docs", "reference", "events.md")]
	for _, value := range append(constants(t, "event.go", ""), constants(t, "verdict.go", "Refusal")...) {
		require.Contains(t, page, "\n| `"+value+"` |")
	}
}

// TestHTTPReference: the table has every code with its label.
func TestHTTPReference(t *testing.T) {
	page := pages(t)[filepath.Join(root, "docs", "reference", "http.md")]
	for _, code := range steps.Codes() {
		require.Contains(t, page, fmt.Sprintf("\n| %d | %s |", code, code.Label()))
	}
}

// TestDependencies: each direct dependency has its reason.
func TestDependencies(t *testing.T) {
	page := pages(t)[filepath.Join(root, "docs", "decisions", "dependencies.md")]
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	direct := regexp.MustCompile(`(?m)^\t(\S+) v\S+$`).FindAllStringSubmatch(string(mod), -1)
	require.NotEmpty(t, direct)
	for _, module := range direct {
		require.Contains(t, page, "\n| `"+module[1]+"` |")
	}
}

// constants returns the texts in a file of package steps that are constants of
// a type, or, where no type is named, that look like an event's.
func constants(t *testing.T, name, typ string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, "steps", name), nil, 0)
	require.NoError(t, err)
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			if ident, ok := n.Type.(*ast.Ident); ok && typ != "" && ident.Name == typ {
				found = append(found, texts(t, n.Values)...)
			}
		case *ast.CompositeLit:
			for _, text := range texts(t, n.Elts) {
				if typ == "" && strings.HasPrefix(text, "stepgate.") {
					found = append(found, text)
				}
			}
		}
		return true
	})
	require.NotEmpty(t, found)
	return found
}

func texts(t *testing.T, exprs []ast.Expr) []string {
	t.Helper()
	var found []string
	for _, e := range exprs {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			text, err := strconv.Unquote(lit.Value)
			require.NoError(t, err)
			found = append(found, text)
		}
	}
	return found
}

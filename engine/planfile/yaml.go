package planfile

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
)

// newlines makes every line end as YAML means it. The library counts "\r\n" as
// two lines in some places.
var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// parseYAML returns the value that a text means, with the faults that leave the
// rest of it readable, or no value and what makes the text unreadable.
func parseYAML(text string) (*node, Faults) {
	if fault := badCharacter(text); fault != nil {
		return nil, Faults{*fault}
	}
	file, fault := parse(text)
	if fault != nil {
		return nil, Faults{*fault}
	}
	b := builder{anchors: make(map[string]*node)}
	root := &node{place: place{1, 1}, kind: kindNull}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			root = b.node(doc.Body)
		}
	}
	return root, b.faults
}

// badCharacter returns the fault of the first character that no YAML has, or
// nil.
func badCharacter(text string) *Fault {
	line, column := 1, 1
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
			return &Fault{Line: line, Column: column, What: "this is not UTF-8: save the file in that encoding"}
		case r == '\n':
			line, column = line+1, 0
		case unicode.IsControl(r) && r != '\t':
			return &Fault{Line: line, Column: column, What: fmt.Sprintf("a control character (%U) stands here: strike it out", r)}
		}
		column++
	}
	return nil
}

// parse returns the syntax tree of a text. Where the library panics, which it
// is not trusted never to do, the text is at fault.
func parse(text string) (file *ast.File, fault *Fault) {
	const unreadable = "this cannot be read as YAML"
	defer func() {
		if recover() != nil {
			file, fault = nil, &Fault{Line: 1, Column: 1, What: unreadable}
		}
	}()
	tokens := lexer.Tokenize(text)
	if fault := guard(tokens); fault != nil {
		return nil, fault
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err == nil {
		return file, nil
	}
	at, what := place{1, 1}, unreadable
	if e, ok := errors.AsType[yaml.Error](err); ok && e.GetToken() != nil {
		at = placeOf(e.GetToken())
		what += ": " + strings.Join(strings.Fields(e.GetMessage()), " ")
	}
	return nil, &Fault{Line: at.line, Column: at.column, What: what}
}

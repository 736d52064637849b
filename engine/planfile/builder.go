package planfile

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// maxNodes is how many values a file may have, those that aliases repeat
// counted as often as they do.
const maxNodes = maxTokens

// builder makes nodes of the library's syntax tree, in the order of the text,
// so that an alias finds the anchors that stand before it.
type builder struct {
	faults  Faults
	anchors map[string]*node
	nodes   int
}

func (b *builder) fault(from ast.Node, what string, args ...any) {
	at, path := placeOf(from.GetToken()), strings.TrimPrefix(strings.TrimPrefix(from.GetPath(), "$"), ".")
	b.faults = append(b.faults, Fault{Line: at.line, Column: at.column, Path: path, What: fmt.Sprintf(what, args...)})
}

// placeOf returns where a token stands.
func placeOf(t *token.Token) place { return place{t.Position.Line, t.Position.Column} }

func (b *builder) node(from ast.Node) *node {
	switch from := from.(type) {
	case *ast.AnchorNode:
		n := b.node(from.Value)
		b.anchors[from.Name.GetToken().Value] = n
		return n
	case *ast.AliasNode:
		return b.alias(from)
	case *ast.TagNode:
		b.fault(from, "tags are not taken: strike out %s, and quote what is to be text", quoted(from.GetToken().Value))
		if from.Value != nil {
			return b.node(from.Value)
		}
	}
	b.nodes++
	at := placeOf(from.GetToken())
	n := &node{place: at, used: at, text: from.GetToken().Value, size: 1}
	switch from := from.(type) {
	case *ast.NullNode:
		n.kind = kindNull
	case *ast.BoolNode:
		n.kind = kindBoolean
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		n.kind = kindNumber
	case *ast.StringNode:
		n.kind, n.text = kindText, from.Value
	case *ast.LiteralNode:
		n.kind, n.text = kindText, from.Value.Value
	case *ast.SequenceNode:
		n.kind = kindList
		for _, item := range from.Entries {
			n.add(b.valueOf(item.Value, item.Start))
		}
	case *ast.MappingNode:
		n.kind = kindMapping
		b.fill(n, from)
	default:
		b.fault(from, "this cannot stand here: strike it out")
	}
	return n
}

// valueOf returns the node of a value, or one in the place of what it should
// stand behind: a key, or a dash.
func (b *builder) valueOf(from ast.Node, behind *token.Token) *node {
	n := b.node(from)
	if from.GetToken().Type == token.ImplicitNullType {
		n.place, n.used = placeOf(behind), placeOf(behind)
	}
	return n
}

func (n *node) add(item *node) {
	n.items, n.size = append(n.items, item), n.size+item.size
}

// alias returns what an alias stands for. It shares the fields and items of
// what the anchor marks: nothing is copied, however often it stands.
func (b *builder) alias(from *ast.AliasNode) *node {
	at, name := placeOf(from.GetToken()), from.Value.GetToken().Value
	marked, ok := b.anchors[name]
	if !ok {
		b.fault(from, "no anchor %s stands before this alias: mark the value to repeat with it", quoted("&"+name))
		return &node{place: at, used: at, size: 1}
	}
	if b.nodes+marked.size > maxNodes {
		b.fault(from, "with what this alias repeats, the file has more than %d values: repeat less", maxNodes)
		return &node{place: at, used: at, size: 1}
	}
	b.nodes += marked.size
	n := *marked
	n.used = at
	return &n
}

// fill gives a mapping its fields. Of a key that stands twice the first holds.
func (b *builder) fill(n *node, from *ast.MappingNode) {
	lines := make(map[string]int, len(from.Values))
	for i, entry := range from.Values {
		at := placeOf(entry.Key.GetToken())
		if i == 0 && !from.IsFlowStyle {
			n.place, n.used = at, at // the library has it at its first colon
		}
		value := b.valueOf(entry.Value, entry.Key.GetToken())
		key, ok := entry.Key.(*ast.StringNode)
		if !ok {
			b.fault(entry.Key, "%s", whyNoKey(entry.Key))
			n.holes = true
			continue
		}
		if line, twice := lines[key.Value]; twice {
			b.fault(entry.Key, "the key %s stands on line %d already: strike one of them out", quoted(key.Value), line)
			continue
		}
		lines[key.Value] = at.line
		n.fields, n.size = append(n.fields, field{at, key.Value, value}), n.size+value.size
	}
}

func whyNoKey(key ast.Node) string {
	switch key.(type) {
	case *ast.MergeKeyNode:
		return "merge keys are not taken: write the keys out, or let an alias stand for the whole value"
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		return "a key has no anchor, alias or tag: write it as text alone"
	}
	return fmt.Sprintf("a key is text: put %s in quotes, or give it another name", quoted(key.GetToken().Value))
}

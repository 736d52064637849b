package planfile

import (
	"fmt"

	"github.com/goccy/go-yaml/token"
)

// What a file may be made of. The library's parser calls itself once a level
// and once a key, and gives each node its path: without these bounds a file of
// a megabyte could take gigabytes.
const (
	maxTokens = 50_000 // a plan of 64 steps with all that a step may have takes under 3,000
	maxDepth  = 32     // the deepest value, a budget's, stands at 10
	maxKey    = 128    // bytes; a name has 64
	maxKeys   = 1000   // of one mapping: it takes the parser their square
)

// guard returns the first fault that keeps a text from being parsed, or nil.
func guard(tokens token.Tokens) *Fault {
	var open nesting
	var last *token.Token // that is no comment
	count := 0
	for _, t := range tokens {
		if t.Type == token.CommentType {
			continue
		}
		what := mistake(t, last)
		switch count++; {
		case what != "":
		case t.Type == token.InvalidType:
			return nil // the parser says what is wrong with it
		case count > maxTokens:
			what = fmt.Sprintf("the file has more than %d words and signs: strike out what nobody uses, or share what repeats by anchors and aliases", maxTokens)
		case open.take(t, last) > maxDepth:
			what = fmt.Sprintf("this stands more than %d levels deep: no key of a plan file does", maxDepth)
		case open.keys() > maxKeys:
			what = fmt.Sprintf("this list or mapping has more than %d items or keys: strike out what nobody uses", maxKeys)
		}
		if what != "" {
			at := placeOf(t)
			return &Fault{Line: at.line, Column: at.column, What: what}
		}
		last = t
	}
	return nil
}

// nesting is the lists and mappings around a token.
type nesting []collection

// collection is a list or mapping that goes on.
type collection struct {
	column int // where it began, or 0 for one in brackets or braces
	keys   int // how many keys, or dashes, it has so far, where it is in neither
}

// keys returns how many keys the innermost collection has so far.
func (n nesting) keys() int {
	if len(n) == 0 {
		return 0
	}
	return n[len(n)-1].keys
}

// take goes on to a token that follows last, and returns how deep it stands, or
// a little more.
func (n *nesting) take(t, last *token.Token) int {
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		*n = append(*n, collection{})
	case token.SequenceEndType, token.MappingEndType:
		n.back(1)
		if len(*n) > 0 {
			*n = (*n)[:len(*n)-1]
		}
	case token.CollectEntryType:
		n.back(1)
	case token.SequenceEntryType:
		n.begin(t.Position.Column)
	case token.MappingValueType:
		if last != nil {
			n.begin(last.Position.Column)
		}
	}
	return len(*n)
}

// begin opens a list or mapping in a column, unless it goes on there, and
// closes those further right.
func (n *nesting) begin(column int) {
	n.back(column + 1)
	if len(*n) == 0 || (*n)[len(*n)-1].column < column {
		*n = append(*n, collection{column: column})
	}
	(*n)[len(*n)-1].keys++
}

// back closes what began in a column or further right.
func (n *nesting) back(column int) {
	for len(*n) > 0 && (*n)[len(*n)-1].column >= column {
		*n = (*n)[:len(*n)-1]
	}
}

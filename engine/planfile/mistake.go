package planfile

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/token"
)

// mistake says what is wrong with a token that follows last, or "". The parser
// would refuse some of it with other words, and read the rest as if nothing were
// wrong: it leaves out tabs, and all that stands behind two marks of a
// document's beginning.
func mistake(t, last *token.Token) string {
	after := token.UnknownType
	if last != nil {
		after = last.Type
	}
	switch {
	case t.Type == token.InvalidType && !strings.HasSuffix(t.Origin, "\t"):
		return ""
	case strings.Contains(t.Origin, "\t"):
		return "a tab stands here, or right before: write spaces"
	case after == token.DocumentEndType:
		return `the document ended above, with "...": strike that line out, or what follows it`
	}
	switch t.Type {
	case token.DirectiveType:
		return "a directive stands here: strike the line out, a plan file has none"
	case token.DocumentHeaderType:
		if last != nil {
			return "a second document begins here: a plan file is one, so strike out this line, or what follows"
		}
	case token.MappingKeyType:
		return `a key that is marked with "?" stands here: write "key: value"`
	case token.MappingValueType:
		if last != nil && len(last.Value) > maxKey {
			return fmt.Sprintf("the key of this value is longer than %d bytes: no key or name is", maxKey)
		}
	case token.CollectEntryType:
		if after == token.CollectEntryType || after == token.MappingStartType || after == token.SequenceStartType {
			return "nothing stands before this comma: strike it out"
		}
	}
	glued := last != nil && t.Position.Line == last.Position.Line && t.Position.Column == last.Position.Column+1
	switch {
	case !glued && (after == token.AnchorType || after == token.AliasType):
		return `a name is missing right behind the "&" or "*" before this: write them as one`
	case glued && after == token.MappingValueType && isPlain(last.Prev) && !isBracket(t):
		return "a space is missing before this: a colon and a space end a key"
	}
	return ""
}

// isPlain reports whether a token is text without quotes.
func isPlain(t *token.Token) bool { return t != nil && t.Indicator == token.NotIndicator }

// isBracket reports whether a token may stand right behind the colon of a plain
// key.
func isBracket(t *token.Token) bool {
	switch t.Type {
	case token.MappingStartType, token.MappingEndType, token.SequenceStartType, token.SequenceEndType, token.CollectEntryType:
		return true
	}
	return false
}

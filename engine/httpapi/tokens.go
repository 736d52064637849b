package httpapi

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/stepgate/stepgate/steps"
)

// TokenFile reads a file of bearer tokens, and finds callers by them. It is a
// YAML list, which never holds a token itself:
//
//   - sha256: 5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8
//     user: u-1
//     device: phone-1
//     rights: [ask]
//
// The hash is that of the token's bytes, in hex. Rights are ask, report and
// operate; a device is needed for ask. An error names the file and the line
// where it is at fault, and shows no value that stands there: it may be a token
// that should not.
//
// A token is looked up by its hash, so that how long it takes tells nothing of
// the tokens there are.
func TokenFile(path string) (Authenticate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	tokens, err := parseTokens(text)
	if fault, ok := errors.AsType[*tokenFault](err); ok {
		return nil, fmt.Errorf("%s:%d: %w", path, fault.line, fault.err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return tokens.authenticate, nil
}

// tokens are callers by the hash of their token.
type tokens map[[sha256.Size]byte]steps.Caller

var errNoToken = &steps.Error{Code: steps.CodeNoToken, Detail: "send a bearer token that this service knows"}

func (t tokens) authenticate(r *http.Request) (steps.Caller, error) {
	credentials := r.Header.Values("Authorization")
	if len(credentials) != 1 {
		return steps.Caller{}, errNoToken
	}
	scheme, token, _ := strings.Cut(credentials[0], " ")
	caller, known := t[sha256.Sum256([]byte(token))]
	if !known || token == "" || !strings.EqualFold(scheme, "Bearer") {
		return steps.Caller{}, errNoToken
	}
	return caller, nil
}

// tokenFault is what is wrong with a file of tokens, and in which line.
type tokenFault struct {
	line int
	err  error
}

// Error implements error.
func (f *tokenFault) Error() string { return f.err.Error() }

func parseTokens(text []byte) (tokens, error) {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, yamlFault(err, 1)
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, errors.New("no token in it: nobody could call")
	}
	body := file.Docs[0].Body
	list, ok := body.(*ast.SequenceNode)
	if !ok {
		return nil, &tokenFault{lineOf(body), errors.New("tokens are a list, each with sha256, user, device and rights")}
	}
	callers := make(tokens, len(list.Values))
	for _, node := range list.Values {
		var entry tokenEntry
		if err := yaml.NodeToValue(node, &entry, yaml.Strict()); err != nil {
			return nil, yamlFault(err, lineOf(node))
		}
		hash, caller, err := entry.caller()
		if _, twice := callers[hash]; err == nil && twice {
			err = errors.New("its sha256 stands twice")
		}
		if err != nil {
			return nil, &tokenFault{lineOf(node), err}
		}
		callers[hash] = caller
	}
	if len(callers) == 0 {
		return nil, errors.New("no token in it: nobody could call")
	}
	return callers, nil
}

// lineOf returns the line in which a node begins, from 1.
func lineOf(node ast.Node) int {
	if mapping, ok := node.(*ast.MappingNode); ok && len(mapping.Values) > 0 {
		node = mapping.Values[0].Key // a mapping's own token is the first colon
	}
	return node.GetToken().Position.Line
}

// yamlFault says in which line YAML is at fault, line where it does not know,
// and leaves out the text that stands there.
func yamlFault(err error, line int) error {
	if e, ok := errors.AsType[*yaml.UnknownFieldError](err); ok {
		return &tokenFault{e.Token.Position.Line, errors.New(e.Message + ": a token has sha256, user, device and rights")}
	}
	if e, ok := errors.AsType[yaml.Error](err); ok && e.GetToken() != nil {
		line = e.GetToken().Position.Line
	}
	return &tokenFault{line, errors.New("it cannot be read: a token has the texts sha256, user and device and a list of rights, each once")}
}

// tokenEntry is an entry of the file.
type tokenEntry struct {
	SHA256 string   `yaml:"sha256"`
	User   string   `yaml:"user"`
	Device string   `yaml:"device"`
	Rights []string `yaml:"rights"`
}

var rightsByName = map[string]steps.Rights{"ask": steps.Ask, "report": steps.Report, "operate": steps.Operate}

func (t *tokenEntry) caller() (hash [sha256.Size]byte, caller steps.Caller, err error) {
	raw, err := hex.DecodeString(t.SHA256)
	if err != nil || len(raw) != len(hash) {
		return hash, caller, errors.New("sha256 is 64 hexadecimal digits: the hash of the token")
	}
	copy(hash[:], raw)
	caller = steps.Caller{User: t.User, Device: t.Device}
	for _, name := range t.Rights {
		right, ok := rightsByName[name]
		if !ok {
			return hash, caller, fmt.Errorf("no such right: %q; there are ask, report and operate", name)
		}
		caller.Rights |= right
	}
	switch {
	case caller.Rights == 0:
		return hash, caller, errors.New("it has no rights: ask, report or operate")
	case caller.User == "":
		return hash, caller, errors.New("it has no user")
	case caller.Device == "" && caller.May(steps.Ask):
		return hash, caller, errors.New("it has the right ask, and no device to ask for")
	case steps.CheckText("user", t.User, steps.MaxText) != nil:
		return hash, caller, fmt.Errorf("user has up to %d bytes, without control characters", steps.MaxText)
	case steps.CheckText("device", t.Device, steps.MaxText) != nil:
		return hash, caller, fmt.Errorf("device has up to %d bytes, without control characters", steps.MaxText)
	}
	return hash, caller, nil
}

package httpapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/stepgate/stepgate/steps"
)

// token is a line of a file of tokens.
type token struct {
	SHA256 string   `yaml:"sha256"`
	User   string   `yaml:"user"`
	Device string   `yaml:"device"`
	Rights []string `yaml:"rights"`
}

var rightsByName = map[string]steps.Rights{"ask": steps.Ask, "report": steps.Report, "operate": steps.Operate}

// TokenFile reads a file of bearer tokens, and finds callers by them. It is a
// YAML list, which never holds a token itself:
//
//   - sha256: 5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8
//     user: u-1
//     device: phone-1
//     rights: [ask]
//
// The hash is that of the token's bytes, in hex. Rights are ask, report and
// operate. An error names the file, and the line where it is at fault.
func TokenFile(path string) (Authenticate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var tokens []token
	decoder := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	if err := decoder.Decode(&tokens); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(tokens) == 0 {
		return nil, fmt.Errorf("%s: no token in it: nobody could call", path)
	}
	callers := make(map[[sha256.Size]byte]steps.Caller, len(tokens))
	for i, t := range tokens {
		hash, caller, err := t.caller()
		if _, twice := callers[hash]; err == nil && twice {
			err = errors.New("its sha256 stands twice")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: token %d: %w", path, i+1, err)
		}
		callers[hash] = caller
	}
	return func(r *http.Request) (steps.Caller, error) {
		text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		caller, known := callers[sha256.Sum256([]byte(text))]
		if !ok || !known {
			return steps.Caller{}, &steps.Error{Code: steps.CodeNoToken, Detail: "send a bearer token that this service knows"}
		}
		return caller, nil
	}, nil
}

func (t *token) caller() (hash [sha256.Size]byte, caller steps.Caller, err error) {
	raw, err := hex.DecodeString(t.SHA256)
	if err != nil || len(raw) != len(hash) {
		return hash, caller, errors.New("sha256 is 64 hexadecimal digits")
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
		return hash, caller, errors.New("it has no rights")
	case caller.User == "":
		return hash, caller, errors.New("it has no user")
	case caller.Device == "" && caller.May(steps.Ask):
		return hash, caller, errors.New("it has the right ask, and no device to ask for")
	}
	return hash, caller, nil
}

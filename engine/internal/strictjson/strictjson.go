// Package strictjson reads JSON that comes from outside, one value at a time.
//
// Duplicate members, invalid UTF-8, trailing bytes and nesting deeper than
// [MaxDepth] are faults; nothing is guessed and nothing is converted. A null
// is read as the zero value of what was asked for: absent, as CloudEvents has it.
package strictjson

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxDepth is how deep objects and arrays may nest.
const MaxDepth = 16

// ErrType says that a value is not of the type that was asked for. It says
// nothing about the text around it; every other error says that the text is no
// JSON, or not JSON as it may be here, in words for the sender.
var ErrType = errors.New("of another type")

// Reader reads one JSON text. Get one with Open and give it back with Close. It
// is not safe for concurrent use. After an error the rest cannot be read.
type Reader struct {
	dec  *jsontext.Decoder
	src  bytes.Buffer
	name []byte
}

var readers = sync.Pool{New: func() any {
	r := new(Reader)
	r.dec = jsontext.NewDecoder(&r.src)
	return r
}}

// Open returns a reader of a text, which must not change until Close.
func Open(text []byte) *Reader {
	r := readers.Get().(*Reader)
	r.src = *bytes.NewBuffer(text)
	r.dec.Reset(&r.src)
	return r
}

// Close gives the reader back. Nothing that it returned is touched.
func (r *Reader) Close() {
	r.src = bytes.Buffer{}
	readers.Put(r)
}

// Null reads a null, and reports false where the next value is none.
func (r *Reader) Null() bool {
	if r.dec.PeekKind() != 'n' {
		return false
	}
	_, err := r.dec.ReadToken()
	return err == nil
}

// Begin reads the beginning of an object, '{', or of an array, '['.
func (r *Reader) Begin(kind jsontext.Kind) error {
	if err := r.expect(kind); err != nil {
		return err
	}
	token, err := r.dec.ReadToken()
	switch {
	case err != nil:
		return fault(err)
	case token.Kind() != kind:
		return ErrType
	case r.dec.StackDepth() > MaxDepth:
		return r.tooDeep()
	}
	return nil
}

// expect returns ErrType where the next value is neither of a kind nor null. A
// fault in the text comes when the value is read.
func (r *Reader) expect(kind jsontext.Kind) error {
	switch found := r.dec.PeekKind(); found {
	case '{', '[', '"', '0', 't', 'f':
		if found != kind {
			return ErrType
		}
	}
	return nil
}

// More reports whether the object or array that was begun last has another
// member or element. Where it has none it reads its end.
func (r *Reader) More() (bool, error) {
	if kind := r.dec.PeekKind(); kind != '}' && kind != ']' {
		return true, nil // a fault in the text comes with the next value
	}
	_, err := r.dec.ReadToken()
	return false, fault(err)
}

// Name reads the name of a member. It is valid until the next call.
func (r *Reader) Name() ([]byte, error) {
	raw, err := r.dec.ReadValue()
	if err != nil {
		return nil, fault(err)
	}
	r.name, err = jsontext.AppendUnquote(r.name[:0], raw)
	return r.name, fault(err)
}

// Text reads a text.
func (r *Reader) Text() (string, error) {
	if err := r.expect('"'); err != nil {
		return "", err
	}
	token, err := r.dec.ReadToken()
	if err != nil || token.Kind() == 'n' {
		return "", fault(err)
	}
	return token.String(), nil
}

// Uint32 reads a whole number that is written in digits alone. It is nil for
// null.
func (r *Reader) Uint32() (*uint32, error) {
	if err := r.expect('0'); err != nil {
		return nil, err
	}
	token, err := r.dec.ReadToken()
	if err != nil || token.Kind() == 'n' {
		return nil, fault(err)
	}
	n, err := strconv.ParseUint(token.String(), 10, 32)
	if err != nil {
		return nil, ErrType
	}
	number := uint32(n)
	return &number, nil
}

// Scalar reads a text, number or boolean, and returns it as a text, with its
// kind: '"', '0', 't', 'f', or 'n' for null, which is "".
func (r *Reader) Scalar() (string, jsontext.Kind, error) {
	if kind := r.dec.PeekKind(); kind == '{' || kind == '[' {
		return "", kind, ErrType
	}
	token, err := r.dec.ReadToken()
	if err != nil || token.Kind() == 'n' {
		return "", 'n', fault(err)
	}
	return token.String(), token.Kind(), nil
}

// Skip reads a value that means nothing here.
func (r *Reader) Skip() error {
	for depth := r.dec.StackDepth(); ; {
		if _, err := r.dec.ReadToken(); err != nil {
			return fault(err)
		}
		switch now := r.dec.StackDepth(); {
		case now == depth:
			return nil
		case now > MaxDepth:
			return r.tooDeep()
		}
	}
}

func (r *Reader) tooDeep() error {
	return fmt.Errorf("more than %d objects and arrays inside each other, at byte %d", MaxDepth, r.dec.InputOffset())
}

// End returns a fault where anything but white space follows.
func (r *Reader) End() error {
	if _, err := r.dec.ReadToken(); err != io.EOF {
		return fmt.Errorf("something follows the JSON, at byte %d", r.dec.InputOffset())
	}
	return nil
}

// fault says in words for the sender what is wrong with the text.
func fault(err error) error {
	if err == nil {
		return nil
	}
	syntax, ok := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case !ok: // io.EOF: there is nothing, or nothing more
		return errors.New("the JSON ends too early")
	case errors.Is(err, jsontext.ErrDuplicateName):
		return fmt.Errorf("the member %q stands twice in an object", syntax.JSONPointer.LastToken())
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the JSON ends too early")
	}
	return fmt.Errorf("no JSON: %w, at byte %d", syntax.Err, syntax.ByteOffset)
}

// Bool reads true or false; null is false.
func (r *Reader) Bool() (bool, error) {
	text, kind, err := r.Scalar()
	if err == nil && kind != 't' && kind != 'f' && kind != 'n' {
		err = ErrType
	}
	return text == "true", err
}

// Object reads an object: visit reads the value of each member, whose name it
// is given, valid until it reads on.
func (r *Reader) Object(visit func(name []byte) error) error {
	if err := r.Begin('{'); err != nil {
		return err
	}
	for {
		more, err := r.More()
		if err != nil || !more {
			return err
		}
		name, err := r.Name()
		if err != nil {
			return err
		}
		if err := visit(name); err != nil {
			return err
		}
	}
}

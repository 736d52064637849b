package handler

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"github.com/stepgate/stepgate/steps"
)

// Reader reads events in structured mode, one a line (NDJSON). Empty lines are
// passed over. It is not safe for concurrent use.
type Reader struct {
	in   *bufio.Reader
	text []byte // of a line that does not fit the buffer of in
	line int
}

// NewReader returns a reader of lines of at most MaxBytes each.
func NewReader(r io.Reader) *Reader {
	return &Reader{in: bufio.NewReaderSize(r, 64<<10)}
}

// Line returns the number of the line read last, from 1.
func (r *Reader) Line() int { return r.line }

// Read returns the next event, or io.EOF when there is none. A *steps.Error is
// about the line that was read, and the next call goes on behind it; any other
// error ends the reading. Both say which line.
func (r *Reader) Read() (steps.Event, error) {
	for {
		line, err := r.readLine()
		if err == io.EOF {
			return steps.Event{}, io.EOF
		}
		if err != nil {
			return steps.Event{}, fmt.Errorf("line %d: %w", r.line, err)
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		ev, err := Decode(line)
		if err != nil {
			return steps.Event{}, fmt.Errorf("line %d: %w", r.line, err)
		}
		return ev, nil
	}
}

// readLine returns a line, valid until the next call. Of one that is too long
// it keeps just enough to tell.
func (r *Reader) readLine() ([]byte, error) {
	r.line++
	r.text = r.text[:0]
	part, err := r.in.ReadSlice('\n')
	for err == bufio.ErrBufferFull {
		if len(r.text) <= MaxBytes {
			r.text = append(r.text, part...)
		}
		part, err = r.in.ReadSlice('\n')
	}
	if len(r.text) > 0 {
		r.text = append(r.text, part...)
		part = r.text
	}
	if err == io.EOF && len(part) > 0 {
		err = nil // the last line needs no end
	}
	return part, err
}

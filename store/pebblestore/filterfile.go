package pebblestore

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// A filter is kept over a restart in a file beside the store:
//
//	magic | the mark of the feed at which it was complete | room
//	for each layer: how many bits choose a line | the lines
//	checksum
//
// One that is not of the feed's end, or is damaged, is made anew from what is
// stored.

var filterMagic = []byte("stepgate filter\x02")

const (
	filterHeadLen = 16 + 8 + 4 + 4
	lineLen       = 8 * lineWords
)

// save writes the filter to a file, if it is ready.
func (f *filter) save(fsys vfs.FS, name string, at mark) error {
	if !f.ready.Load() {
		return nil
	}
	file, err := fsys.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(file, 1<<16)
	sum := crc32.New(castagnoli)
	f.writeTo(io.MultiWriter(w, sum), at)
	w.Write(binary.LittleEndian.AppendUint32(nil, sum.Sum32())) // w keeps its first error
	return errors.Join(w.Flush(), file.Sync(), file.Close())
}

// writeTo writes all but the checksum to a writer that keeps its first error.
func (f *filter) writeTo(w io.Writer, at mark) {
	head := append(make([]byte, 0, filterHeadLen), filterMagic...)
	head = binary.LittleEndian.AppendUint64(head, at.sequence)
	head = binary.LittleEndian.AppendUint32(head, at.sum)
	head = binary.LittleEndian.AppendUint32(head, uint32(f.room))
	w.Write(head)
	line := make([]byte, 0, lineLen)
	for _, l := range f.layers {
		w.Write([]byte{byte(64 - l.shift)})
		for i := range l.lines {
			line = line[:0]
			for _, word := range l.lines[i] {
				line = binary.LittleEndian.AppendUint64(line, word)
			}
			w.Write(line)
		}
	}
}

// loadFilter returns the filter that a file has from this mark of the feed, or
// nil.
func loadFilter(fsys vfs.FS, name string, at mark) *filter {
	file, err := fsys.Open(name)
	if err != nil {
		return nil
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil
	}
	b := make([]byte, info.Size())
	n := len(b) - sumLen
	if _, err := io.ReadFull(file, b); err != nil || n < filterHeadLen || !bytes.HasPrefix(b, filterMagic) ||
		crc32.Checksum(b[:n], castagnoli) != binary.LittleEndian.Uint32(b[n:]) {
		return nil
	}
	b = b[len(filterMagic):n]
	if (mark{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint32(b[8:])}) != at {
		return nil
	}
	f := &filter{room: int(binary.LittleEndian.Uint32(b[12:])), closing: make(chan struct{}), done: make(chan struct{})}
	if !f.readLayers(b[16:]) {
		return nil
	}
	f.ready.Store(true)
	close(f.done)
	return f
}

func (f *filter) readLayers(b []byte) (ok bool) {
	for len(b) > 0 {
		lineBits := b[0]
		b = b[1:]
		if lineBits == 0 || lineBits > 40 || len(b) < lineLen<<lineBits {
			return false
		}
		l := layer{lines: make([][lineWords]uint64, 1<<lineBits), shift: 64 - int(lineBits)}
		for i := range l.lines {
			for j := range l.lines[i] {
				l.lines[i][j] = binary.LittleEndian.Uint64(b[lineLen*i+8*j:])
			}
		}
		f.layers = append(f.layers, l)
		b = b[lineLen<<lineBits:]
	}
	return len(f.layers) > 0
}

package pebblestore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// seal says, outside of Pebble, how far the feed reaches at least. Pebble
// cannot tell a damaged end of its log from one that a power cut tore off, and
// drops both; a feed that ends before its seal is therefore damage.
//
// The file of the seal has two places, written in turn and synced, so that a
// write that is cut off leaves the seal before it.
type seal struct {
	turn  uint64 // counts the writes
	at    mark   // the feed reaches this far
	clean bool   // the store was closed: the feed ends here, and in MANIFEST
	// manifest is the checksum of Pebble's list of files, where clean.
	manifest uint32
}

const (
	sealLen   = 48
	sealSpace = 4096 // from one place to the other: what a disk writes at once
)

var sealMagic = []byte("stepgate pebble\x01")

func (s *seal) encode() []byte {
	b := append(make([]byte, 0, sealLen), sealMagic...)
	b = binary.LittleEndian.AppendUint64(b, s.turn)
	b = binary.LittleEndian.AppendUint64(b, s.at.sequence)
	b = binary.LittleEndian.AppendUint32(b, s.at.sum)
	b = binary.LittleEndian.AppendUint32(b, s.manifest)
	var clean uint32
	if s.clean {
		clean = 1
	}
	b = binary.LittleEndian.AppendUint32(b, clean)
	return appendSum(b, 0)
}

func decodeSeal(b []byte) (seal, bool) {
	n := sealLen - sumLen
	if len(b) < sealLen || !bytes.HasPrefix(b, sealMagic) ||
		crc32.Checksum(b[:n], castagnoli) != binary.LittleEndian.Uint32(b[n:]) {
		return seal{}, false
	}
	b = b[len(sealMagic):]
	return seal{
		turn:     binary.LittleEndian.Uint64(b),
		at:       mark{binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint32(b[16:])},
		manifest: binary.LittleEndian.Uint32(b[20:]),
		clean:    binary.LittleEndian.Uint32(b[24:]) == 1,
	}, true
}

// readSeal returns the newest seal of a directory; found is false where none is
// sound, as in a directory that is just being made.
func readSeal(fsys vfs.FS, dir string) (newest seal, found bool, err error) {
	f, err := fsys.Open(fsys.PathJoin(dir, sealName))
	if errors.Is(err, fs.ErrNotExist) {
		return seal{}, false, nil
	}
	if err != nil {
		return seal{}, false, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 2*sealSpace))
	if err != nil {
		return seal{}, false, err
	}
	for at := 0; at < len(b); at += sealSpace {
		if s, ok := decodeSeal(b[at:]); ok && (!found || s.turn > newest.turn) {
			newest, found = s, true
		}
	}
	return newest, found, nil
}

// sealFile writes seals. It is for one goroutine.
type sealFile struct {
	file vfs.File
	turn uint64
}

// openSealFile opens the file of the seal, of which turn is the newest; 0: there
// is none. The file has its whole size from the start, so that a seal can be
// written on a full disk.
func openSealFile(fsys vfs.FS, dir string, turn uint64) (*sealFile, error) {
	f, err := fsys.OpenReadWrite(fsys.PathJoin(dir, sealName), vfs.WriteCategoryUnspecified)
	if err != nil {
		return nil, err
	}
	if turn == 0 {
		if _, err := f.WriteAt(make([]byte, 2*sealSpace), 0); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	return &sealFile{file: f, turn: turn}, syncDir(fsys, dir)
}

func (f *sealFile) write(s seal) error {
	f.turn++
	s.turn = f.turn
	if _, err := f.file.WriteAt(s.encode(), int64(s.turn%2)*sealSpace); err != nil {
		return err
	}
	return f.file.SyncData()
}

// manifestSum returns the checksum of Pebble's list of files.
func manifestSum(fsys vfs.FS, dir string) (uint32, error) {
	desc, err := pebble.Peek(fsys.PathJoin(dir, dbName), fsys)
	if err != nil {
		return 0, err
	}
	f, err := fsys.Open(desc.ManifestFilename)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	h := crc32.New(castagnoli)
	_, err = io.Copy(h, f)
	return h.Sum32(), err
}

package bench

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
)

// journal is the disk's own limit: it appends records to a file and returns
// when they are on the disk, and does nothing else. Callers who come while a
// write is on its way share the next one. It is the yardstick, so it is made as
// fast as it can be; in particular its file never grows, and was written once
// before, so that a sync has no metadata to write.
type journal struct {
	file journalFile
	size int64
	end  int64 // where the next write goes; for whoever has the turn

	turn chan struct{} // holds a token while a write is on its way

	mu    sync.Mutex
	open  *page // what callers append to; nil: the next one begins it
	last  int64 // how many records the page before had
	spare []byte
}

// journalFile is what a journal asks of its file.
type journalFile interface {
	WriteAt(p []byte, off int64) (int, error)
	SyncData() error
	Close() error
}

// page is the records of one write.
type page struct {
	bytes   []byte
	records atomic.Int64
	done    chan struct{} // closed when the write is on the disk, or failed
	err     error
}

// journalSize is the length of a journal's file; a write that would pass it
// begins again at the front.
const journalSize = 64 << 20

// newJournal makes the file of a journal and fills it with zeros.
func newJournal(path string) (*journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	zeros := make([]byte, 1<<20)
	for at := 0; at < journalSize && err == nil; at += len(zeros) {
		_, err = f.Write(zeros)
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("fill %s with zeros: %w", path, err), f.Close())
	}
	return journalOn(dataFile{f}), nil
}

func journalOn(f journalFile) *journal {
	return &journal{file: f, size: journalSize, turn: make(chan struct{}, 1)}
}

// append returns when a record is on the disk. The first to append to a page
// writes it when the page before is written.
func (j *journal) append(record []byte) error {
	j.mu.Lock()
	p := j.open
	leads := p == nil
	if leads {
		p = &page{bytes: j.spare[:0], done: make(chan struct{})}
		j.open, j.spare = p, nil
	}
	p.bytes = append(p.bytes, record...)
	p.records.Add(1)
	j.mu.Unlock()
	if leads {
		j.lead(p)
	} else {
		<-p.done
	}
	return p.err
}

func (j *journal) lead(p *page) {
	j.turn <- struct{}{}
	j.gather(p)
	p.err = j.write(p.bytes)
	close(p.done)
	j.mu.Lock()
	j.spare = p.bytes
	j.mu.Unlock()
	<-j.turn
}

// journalPatience is how often a leader yields while nobody comes.
const journalPatience = 32

// gather closes a page. The callers of the page before are just waking: while
// they keep coming, they are let.
func (j *journal) gather(p *page) {
	for idle, before := 0, int64(0); idle < journalPatience; idle++ {
		n := p.records.Load()
		if n >= j.last {
			break
		}
		if n > before {
			idle, before = 0, n
		}
		runtime.Gosched()
	}
	j.mu.Lock()
	j.open = nil
	j.last = p.records.Load()
	j.mu.Unlock()
}

func (j *journal) write(b []byte) error {
	if j.end+int64(len(b)) > j.size {
		j.end = 0
	}
	if _, err := j.file.WriteAt(b, j.end); err != nil {
		return err
	}
	j.end += int64(len(b))
	return j.file.SyncData()
}

func (j *journal) close() error { return j.file.Close() }

package bench

import (
	"errors"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestJournalKeepsEveryRecord: whole, once, and synced before its caller goes
// on.
func TestJournalKeepsEveryRecord(t *testing.T) {
	f := &ledgerFile{}
	j := journalOn(f)
	f.first = func() { // a disk so slow that two more callers come meanwhile
		for waiting := int64(0); waiting < 2; runtime.Gosched() {
			j.mu.Lock()
			if j.open != nil {
				waiting = j.open.records.Load()
			}
			j.mu.Unlock()
		}
	}
	const callers, each = 16, 200
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			for n := range each {
				record := []byte{byte(i), byte(n), 0xff}
				if err := j.append(record); err != nil || !f.synced(record) {
					t.Errorf("record %d of caller %d: error %v, or not synced", n, i, err)
				}
			}
		})
	}
	wg.Wait()
	require.Len(t, f.kept, callers*each)
	require.Less(t, f.syncs, callers*each, "callers share writes")
}

// TestJournalBeginsAgain at the front of its file, which never grows.
func TestJournalBeginsAgain(t *testing.T) {
	f := &ledgerFile{}
	j := journalOn(f)
	j.size = 10
	for range 5 {
		require.NoError(t, j.append([]byte{1, 2, 3}))
	}
	require.Equal(t, []int64{0, 3, 6, 0, 3}, f.offsets)
}

// TestJournalSaysThatADiskFails to everybody who shared the write.
func TestJournalSaysThatADiskFails(t *testing.T) {
	j := journalOn(&ledgerFile{failing: true})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := j.append([]byte{1, 2, 3}); !errors.Is(err, errDisk) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

var errDisk = errors.New("disk")

// ledgerFile notes the records of three bytes that are written to it.
type ledgerFile struct {
	failing bool
	first   func() // of the syncs waits for it

	mu      sync.Mutex
	written [][3]byte
	kept    map[[3]byte]bool // that were synced
	offsets []int64
	syncs   int
}

func (f *ledgerFile) WriteAt(p []byte, off int64) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.offsets = append(f.offsets, off)
	for at := 0; at < len(p); at += 3 {
		f.written = append(f.written, [3]byte(p[at:]))
	}
	return len(p), nil
}

func (f *ledgerFile) SyncData() error {
	if first := f.first; first != nil {
		f.first = nil
		first()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failing {
		return errDisk
	}
	if f.kept == nil {
		f.kept = make(map[[3]byte]bool)
	}
	for _, record := range f.written {
		f.kept[record] = true
	}
	f.written = nil
	f.syncs++
	return nil
}

func (f *ledgerFile) synced(record []byte) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.kept[[3]byte(record)]
}

func (f *ledgerFile) Close() error { return nil }

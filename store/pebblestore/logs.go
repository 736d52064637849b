package pebblestore

import (
	"slices"
	"sync"
)

// logs are the files of Pebble's log that this process made. Pebble uses an old
// one again, and writes over what is in it little by little; those that hold what
// was erased are condemned, and are never used again.
type logs struct {
	mu    sync.Mutex
	files []logName // the oldest first; Pebble writes to the last one
}

type logName struct {
	name      string
	condemned bool
}

// add adds a new file.
func (l *logs) add(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.files = append(l.files, logName{name: name})
}

// remove forgets a file that is no more.
func (l *logs) remove(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.take(name)
}

// reuse puts a new file in the place of an old one, and reports whether what is
// in the old one may be written over.
func (l *logs) reuse(oldname, newname string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	condemned := l.take(oldname)
	l.files = append(l.files, logName{name: newname})
	return !condemned
}

// take takes a file out, and reports whether it was condemned. The lock is held.
func (l *logs) take(name string) (condemned bool) {
	i := slices.IndexFunc(l.files, func(f logName) bool { return f.name == name })
	if i < 0 {
		return false
	}
	condemned = l.files[i].condemned
	l.files = slices.Delete(l.files, i, i+1)
	return condemned
}

// condemn condemns all files that there are, and returns them.
func (l *logs) condemn() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	names := make([]string, len(l.files))
	for i := range l.files {
		l.files[i].condemned = true
		names[i] = l.files[i].name
	}
	return names
}

// newest returns the file that Pebble writes to.
func (l *logs) newest() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.files) == 0 {
		return ""
	}
	return l.files[len(l.files)-1].name
}

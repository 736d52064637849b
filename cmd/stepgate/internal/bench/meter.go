package bench

import (
	"runtime"
	"time"
)

// effort is what a crowd took.
type effort struct {
	took   time.Duration
	cpu    time.Duration
	allocs uint64 // objects on the heap
	bytes  uint64
}

// meter measures an effort.
type meter struct {
	began  time.Time
	cpu    time.Duration
	memory runtime.MemStats
}

func startMeter() *meter {
	m := &meter{cpu: cpuTime()}
	runtime.ReadMemStats(&m.memory)
	m.began = time.Now()
	return m
}

func (m *meter) stop() effort {
	e := effort{took: time.Since(m.began), cpu: cpuTime() - m.cpu}
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	e.allocs, e.bytes = now.Mallocs-m.memory.Mallocs, now.TotalAlloc-m.memory.TotalAlloc
	return e
}

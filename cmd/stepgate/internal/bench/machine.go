package bench

import (
	"bufio"
	"bytes"
	"os"
	"runtime"
	"strings"
)

// Machine is where a run was measured.
type Machine struct {
	System string `json:"system"`
	CPU    string `json:"cpu,omitempty"`
	CPUs   int    `json:"cpus"` // that the program may use
	Go     string `json:"go"`
}

func thisMachine() Machine {
	return Machine{
		System: runtime.GOOS + "/" + runtime.GOARCH,
		CPU:    procField("/proc/cpuinfo", "model name"),
		CPUs:   runtime.GOMAXPROCS(0),
		Go:     runtime.Version(),
	}
}

// procField returns a field of a file of /proc, or "" where there is none.
func procField(path, name string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

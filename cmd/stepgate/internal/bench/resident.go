package bench

import (
	"os"
	"strconv"
	"strings"
)

// Memory is read from /proc, where there is one; elsewhere it is 0, for not
// known. All is in MiB.

// resident returns how much memory the process takes.
func resident() float64 { return memoryField("VmRSS") }

// residentPeak returns the most that it took since resetPeak.
func residentPeak() float64 { return memoryField("VmHWM") }

// resetPeak begins the peak anew.
func resetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

func memoryField(name string) float64 {
	number, _, _ := strings.Cut(procField("/proc/self/status", name), " ")
	kib, err := strconv.Atoi(number)
	if err != nil {
		return 0
	}
	return float64(kib) / 1024
}

package planfile

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// day is what the unit d stands for: 24 hours, whatever the calendar says.
const day = 24 * time.Hour

var (
	durationForm = regexp.MustCompile(`^([0-9]+(\.[0-9]+)?(d|h|m|s|ms))+$`)
	durationTerm = regexp.MustCompile(`([0-9.]+)(d|h|ms|m|s)`)
)

// parseDuration reads a duration as Go writes it, with days besides: "36h",
// "1d12h", "1.5d". Units below a millisecond are not taken. why is "" or says
// what the text is instead.
func parseDuration(text string) (d time.Duration, why string) {
	if !durationForm.MatchString(text) {
		return 0, "no duration"
	}
	const most = time.Duration(math.MaxInt64)
	for _, term := range durationTerm.FindAllStringSubmatch(text, -1) {
		number, unit, times := term[1], term[2], time.Duration(1)
		if unit == "d" {
			unit, times = "h", day/time.Hour
		}
		part, err := time.ParseDuration(number + unit)
		if err != nil || part > most/times || d > most-part*times {
			return 0, "longer than 290 years"
		}
		d += part * times
	}
	return d, ""
}

// formatDuration returns the shortest text that parseDuration reads as d, or ""
// for none: "30d", "1h30m", "1.5ms".
func formatDuration(d time.Duration) string {
	var b strings.Builder
	for _, unit := range []struct {
		name string
		of   time.Duration
	}{{"d", day}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}} {
		if n := d / unit.of; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10) + unit.name)
		}
		d %= unit.of
	}
	if d > 0 {
		b.WriteString(strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', -1, 64) + "ms")
	}
	return b.String()
}

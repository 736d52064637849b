package main

import (
	"regexp"
	"strings"
)

// A page of the documentation shows what a terminal showed: in each block
// marked "console", a line that begins with "$ " is a command, and the lines
// below it are what it printed. A transcript is all of these of a page.
type transcript []*exchange

// exchange is a command with what the page says it prints, and what it printed.
type exchange struct {
	line    int // of the page, where the answer begins
	command string
	want    []string
	got     []string
}

const prompt = "$ "

// readTranscript returns what a page shows.
func readTranscript(page string) transcript {
	var found transcript
	console := false // inside a block
	for i, line := range strings.Split(page, "\n") {
		var last *exchange
		if len(found) > 0 {
			last = found[len(found)-1]
		}
		switch {
		case strings.HasPrefix(line, "```"):
			console = line == "```console"
		case !console:
		case last != nil && last.unfinished():
			last.command += "\n" + line
			last.line = i + 1
		case strings.HasPrefix(line, prompt):
			found = append(found, &exchange{line: i + 1, command: strings.TrimPrefix(line, prompt)})
		case last != nil:
			last.want = append(last.want, line)
		}
	}
	return found
}

// unfinished reports whether the command goes on in the next line: a quote is
// open, or the line ends in a pipe or a backslash.
func (e *exchange) unfinished() bool {
	return strings.Count(e.command, "'")%2 == 1 || strings.HasSuffix(e.command, "|") || strings.HasSuffix(e.command, `\`)
}

// rewritten returns the page with what the commands printed, where that is not
// what it shows.
func (tr transcript) rewritten(page string) string {
	lines := strings.Split(page, "\n")
	var out []string
	done := 0
	for _, e := range tr {
		if e.differs() {
			out = append(append(out, lines[done:e.line]...), e.got...)
			done = e.line + len(e.want)
		}
	}
	return strings.Join(append(out, lines[done:]...), "\n")
}

// differs reports whether the command printed something else than is shown.
func (e *exchange) differs() bool { return comparable(e.want) != comparable(e.got) }

// variableParts cannot be the same twice: transaction IDs, times, and how fast
// it went. (A terminal shows stepsIDs as the page does.)
var variableParts = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`"transactionId":"[^"]+"`), `"transactionId":"…"`},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`), "TIME"},
	{regexp.MustCompile(`in [\d.]+ s \(\d+/s\)`), "in SECONDS"},
}

// comparable returns an answer without its variable parts.
func comparable(lines []string) string {
	text := strings.Join(lines, "\n")
	for _, part := range variableParts {
		text = part.pattern.ReplaceAllString(text, part.name)
	}
	return text
}

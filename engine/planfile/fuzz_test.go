package planfile_test

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine/planfile"
)

// FuzzParse: whatever the text is, it gives a catalog whose plans are sound,
// which is written as the same; or faults that are in order, lie in the text and
// say something.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"faults.yaml", "default.golden.yaml", "full.golden.yaml"} {
		text, err := os.ReadFile("testdata/" + name)
		require.NoError(f, err)
		f.Add(string(text))
	}
	for _, text := range texts {
		if len(text) < 1000 {
			f.Add(text)
		}
	}
	for _, text := range []string{ // found by fuzzing
		"{\"gi{esa`y: e,\t\t\t\\(", ": {a:\"{s===st\t\t\t\tU\\U", "{ {|\r \t{\r{", "-  : 00:\n     0    - 0: 0\n \" 00=\r\n  \t",
		"*\r\rk\r\rk", "services:\n  a:\n   versions:\n      - !0 0:\n          - 0: 0\n", "services:\n  -", "plan  is: text", "\"\\u@\\/\n\"%",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := planfile.Parse([]byte(text))
		if err == nil {
			checkFile(t, file)
			return
		}
		var faults planfile.Faults
		require.ErrorAs(t, err, &faults)
		require.Zero(t, file)
		checkFaults(t, text, faults)
	})
}

func checkFile(t *testing.T, file planfile.File) {
	t.Helper()
	require.NotEmpty(t, file.Catalog.Plans())
	for _, plan := range file.Catalog.Plans() {
		require.NoError(t, plan.Validate())
		for _, step := range plan.Steps {
			checkDeclared(t, file, step.Checker)
		}
	}
	for service, checker := range file.Eligibility {
		_, known := file.Catalog.Latest(service)
		require.True(t, known)
		require.NotEmpty(t, checker)
		checkDeclared(t, file, checker)
	}
	again, err := planfile.Parse(planfile.Format(file))
	require.NoError(t, err)
	require.Equal(t, file, again)
}

func checkDeclared(t *testing.T, file planfile.File, checker string) {
	t.Helper()
	if checker != "" {
		require.Contains(t, file.Checkers, checker)
	}
}

func checkFaults(t *testing.T, text string, faults planfile.Faults) {
	t.Helper()
	require.NotEmpty(t, faults)
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.TrimPrefix(text, "\uFEFF")), "\n")
	before := planfile.Fault{}
	for _, fault := range faults {
		require.NotEmpty(t, fault.What)
		require.NotContains(t, fault.What, "\n")
		require.False(t, strings.HasPrefix(fault.What, `plan "`), "nobody but steps found it")
		require.True(t, before.Line < fault.Line || before.Line == fault.Line && before.Column <= fault.Column)
		require.GreaterOrEqual(t, fault.Line, 1)
		require.GreaterOrEqual(t, fault.Column, 1)
		require.LessOrEqual(t, fault.Line, len(lines))
		require.LessOrEqual(t, fault.Column, 1+utf8.RuneCountInString(lines[fault.Line-1]))
		before = fault
	}
}

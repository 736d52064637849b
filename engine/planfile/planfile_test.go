package planfile_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/engine/planfile"
	"github.com/stepgate/stepgate/steps"
)

// TestParse: what the first example of the page declares.
func TestParse(t *testing.T) {
	file := parsed(t, examples(t)[0])

	plain := []steps.Step{
		{Name: steps.TrustedPhone, Scope: steps.ScopeUser, Aliases: []string{"trusterPhoneNumber"}},
		{Name: steps.DeviceActivation, Scope: steps.ScopeUserDevice},
		{Name: steps.MediumCarKey, Scope: steps.ScopeUserVehicle},
	}
	strict := append([]steps.Step{{
		Name: steps.TrustedPhone, Scope: steps.ScopeUser, Aliases: []string{"trusterPhoneNumber"},
		TTL:     30 * 24 * time.Hour,
		Budget:  steps.Budget{Tries: 3, Window: 10 * time.Minute, Lockout: time.Hour, Lifetime: 20},
		Checker: "phones", Confirm: true,
	}}, plain[1:]...)
	require.Equal(t, []steps.Plan{
		{Service: steps.RemoteCommands, Version: 1, Steps: plain},
		{
			Service: steps.RemoteCommands, Version: 2, Steps: strict,
			Hold: steps.Hold{Limit: 10, TTL: time.Hour}, Deadline: 24 * time.Hour, TakeOver: true,
		},
	}, file.Catalog.Plans())
	require.Equal(t, map[string]string{steps.RemoteCommands: "vehicles"}, file.Eligibility)
	require.Equal(t, map[string]planfile.HTTPChecker{
		"phones": {
			URL: "https://phones.example/check", Timeout: 1500 * time.Millisecond, Retries: 2, TokenEnv: "PHONES_TOKEN",
			BreakerFailures: 3, BreakerOpen: 30 * time.Second,
		},
		"vehicles": {URL: "https://vehicles.example/eligible"},
	}, file.Checkers)
}

// TestServicesShareByAliases: the second example of the page is the catalog of
// the source text.
func TestServicesShareByAliases(t *testing.T) {
	require.Equal(t, planfile.File{Catalog: steps.Default()}, parsed(t, examples(t)[1]))
}

// TestFormat: the canonical text of the catalog of the source text, and of the
// full example.
func TestFormat(t *testing.T) {
	golden(t, "default.golden.yaml", string(planfile.Format(planfile.File{Catalog: steps.Default()})))
	golden(t, "full.golden.yaml", string(planfile.Format(parsed(t, examples(t)[0]))))
}

// TestLoad: faults name the file, so that an editor finds it.
func TestLoad(t *testing.T) {
	dir := t.TempDir()
	good, bad, huge := filepath.Join(dir, "good.yaml"), filepath.Join(dir, "bad.yaml"), filepath.Join(dir, "huge.yaml")
	require.NoError(t, os.WriteFile(good, []byte(examples(t)[0]), 0o600))
	require.NoError(t, os.WriteFile(bad, []byte("services:\n  a: 1\nstep: 2\n"), 0o600))
	require.NoError(t, os.WriteFile(huge, []byte(strings.Repeat("#\n", planfile.MaxSize)), 0o600))

	file, err := planfile.Load(good)
	require.NoError(t, err)
	require.Equal(t, parsed(t, examples(t)[0]), file)

	_, err = planfile.Load(bad)
	require.EqualError(t, err, bad+":2:6: a is a number: it must be a service, with the keys versions, eligibility\n"+
		bad+`:3:1: a plan file has no key "step": it has services, checkers`)
	var faults planfile.Faults
	require.ErrorAs(t, err, &faults)
	require.Equal(t, []string{"services.a", "step"}, []string{faults[0].Path, faults[1].Path})

	_, err = planfile.Load(huge)
	require.EqualError(t, err, huge+":1:1: the file has more than 1048576 bytes: no plan needs as much")
	_, err = planfile.Load(filepath.Join(dir, "none.yaml"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = planfile.Load(dir)
	require.Error(t, err)
	require.NotErrorAs(t, err, &faults)
}

// TestPaths: each fault says which value it is of.
func TestPaths(t *testing.T) {
	text, err := os.ReadFile("testdata/faults.yaml")
	require.NoError(t, err)
	var paths []string
	for _, fault := range faultsOf(t, string(text)) {
		switch fault.Line {
		case 2, 9, 33, 43, 49, 75, 78, 82, 97:
			paths = append(paths, fault.Path)
		}
	}
	require.Equal(t, []string{
		"version",
		"services.vehicleStatus.versions[5].steps", // where an alias repeats it
		"services.remote-commands.versions",
		"services.vehicleStatus.versions[6].steps",
		"services.remoteCommands.versions[0].hold",
		"services.remoteCommands.versions[0].hold.limit",
		"services.remoteCommands.versions[0].steps[0].aliases[0]",
		"services.remoteCommands.versions[0].steps[0].aliases[1]",
		"services.remoteCommands.versions[0].steps[0].aliases[2]",
		"services.remoteCommands.versions[0].steps[0].aliases[3]",
		"services.remoteCommands.versions[0].steps[0].aliases[4]",
		"services.remoteCommands.versions[0].steps[0].aliases[5]",
		"services.remoteCommands.versions[0].steps[5].name",
		"services.remoteCommands.versions[0].steps[6].<<",
		"services.remoteCommands.versions[0].steps[6].ttl",
		"checkers.keys",
	}, paths)
}

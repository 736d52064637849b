package associations

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

var second = steps.Association{ID: "987654", User: "alice", Service: steps.RemoteCommands, VIN: "VF3AAAAAAAAAAAAAA"}

// TestReadFile: each text, and what is read from it or wrong with it.
func TestReadFile(t *testing.T) {
	const line = `{"carAssociationID":"987654","user":"alice","service":"remoteCommands","vin":"VF3AAAAAAAAAAAAAA"}` + "\n"
	for _, c := range []struct {
		name, text string
		want       []steps.Association
		faults     []Fault
	}{
		{name: "nothing"},
		{name: "a comment alone", text: "# none yet\n"},
		{name: "NDJSON", text: line, want: []steps.Association{second}},
		{name: "NDJSON without the last line's end, blank lines", text: "\n \n" + line[:len(line)-1], want: []steps.Association{second}},
		{
			name: "YAML",
			text: "- carAssociationID: \"987654\"\n  user: alice\n  service: remoteCommands\n  vin: VF3AAAAAAAAAAAAAA\n",
			want: []steps.Association{second},
		},
		{
			name: "numbers stay as they are written",
			text: "- carAssociationID: 0098\n  user: 7\n  service: vehicleStatus\n  vin: 1e3\n",
			want: []steps.Association{{ID: "0098", User: "7", Service: steps.VehicleStatus, VIN: "1e3"}},
		},
		{
			name: "every fault, NDJSON",
			text: line + "{\"carAssociationID\":\"1\",\"user\":\"\",\"service\":\"fly\",\"color\":\"red\"}\n[]\n" + line + `{"user":{}}` + "\n{\"user\"\n" + line[:20] + "\n" + "{} {}\n",
			faults: []Fault{
				{2, "user", "is empty"},
				{2, "service", "no plan is of this service; there are remoteCommands, vehicleStatus"},
				{2, "color", "no such field: an association has carAssociationID, user, service, vin"},
				{2, "vin", "is missing"},
				{3, "", "is no JSON object"},
				{4, "carAssociationID", `"987654" stands on line 1 already`},
				{5, "user", "is neither text nor a number"},
				{6, "", "is no JSON: it breaks off"},
				{7, "", "is no JSON: it breaks off"},
				{8, "", "has something behind its object"},
			},
		},
		{
			name: "every fault, YAML",
			text: "- carAssociationID: a\n  user: u\n  user: v\n  service: remoteCommands\n- 7\n- vin: [1]\n- carAssociationID: b\n  vin: \"a\\tb\"\n  user: u\n  service: nope\n",
			faults: []Fault{
				{1, "vin", "is missing"},
				{3, "user", "stands twice"},
				{5, "", "is no association: one has the fields carAssociationID, user, service, vin"},
				{6, "vin", "is neither text nor a number"},
				{8, "vin", "the text holds a control character"},
				{10, "service", "no plan is of this service; there are remoteCommands, vehicleStatus"},
			},
		},
		{name: "a mapping", text: "user: alice\n", faults: []Fault{{1, "", `is no list of associations: each begins with "- carAssociationID: …"`}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "associations")
			require.NoError(t, os.WriteFile(path, []byte(c.text), 0o600))
			found, err := readFile(path, steps.Default())
			if c.faults != nil {
				var faults *Faults
				require.ErrorAs(t, err, &faults)
				require.Equal(t, c.faults, faults.List)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, append([]steps.Association(nil), found...))
		})
	}
}

// FuzzReadFile: whatever the text, what is read is checked, and a fault has a
// line.
func FuzzReadFile(f *testing.F) {
	for _, seed := range []string{
		"", "- carAssociationID: 1\n  user: u\n  service: remoteCommands\n  vin: v\n", "- [", "? a\n: b\n", "&a [*a]", "---\n---\n- {}\n",
		`{"carAssociationID":"1","user":"u","service":"remoteCommands","vin":"v"}`, "{", "{\"a\":1,}", "- ? x\n", "- <<: {a: b}\n", "- &x\n", "- !!binary aa\n",
	} {
		f.Add([]byte(seed))
	}
	path := filepath.Join(f.TempDir(), "associations")
	f.Fuzz(func(t *testing.T, text []byte) {
		require.NoError(t, os.WriteFile(path, text, 0o600))
		found, err := readFile(path, steps.Default())
		if err != nil {
			var faults *Faults
			require.ErrorAs(t, err, &faults)
			for _, fault := range faults.List {
				require.Positive(t, fault.Line, "%q", fault)
			}
		}
		for _, a := range found {
			require.NoError(t, check(a, steps.Default()))
		}
	})
}

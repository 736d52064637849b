package engine

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
)

// TestDrawnInDocs: the machine in the reference is the one that is drawn.
func TestDrawnInDocs(t *testing.T) {
	plan, _ := steps.Default().Latest(steps.RemoteCommands)
	drawn, err := Mermaid(plan, steps.DeviceActivation)
	require.NoError(t, err)
	page, err := os.ReadFile("../docs/reference/states.md")
	require.NoError(t, err)
	require.Contains(t, string(page), "```mermaid\n"+strings.TrimSpace(drawn)+"\n```")
}

package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestYAMLKeepsOrderAndNumbers: what JSON says, YAML says, in the same order.
func TestYAMLKeepsOrderAndNumbers(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, writeYAML(&out, json.RawMessage(`{"stepsID":9007199254740991,"a":[{"z":null,"b":true}],"none":[],"text":"7"}`)))
	require.Equal(t, "stepsID: 9007199254740991\na:\n  - z: null\n    b: true\nnone: []\ntext: \"7\"\n", out.String())
}

// TestYAMLKeepsText: whatever a text holds, YAML reads it as the same text.
func TestYAMLKeepsText(t *testing.T) {
	special := rapid.SampledFrom([]string{
		"true", "null", "~", "", " ", "-", "- a", "a: b", "#", "a #b", "0x1F", "1_000", "1e3", ".5", "2026-01-02", "12:30", "on", "'", `"`, "\\", "é", "😀", "{", "[", "&a", "*a", "!a", "|", ">", "%", "@", "`", "a\nb", "\u2028", "?", ":", "=", "<<", "...", "---",
	})
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(special, rapid.String()).Draw(t, "text")
		var out bytes.Buffer
		require.NoError(t, writeYAML(&out, map[string]string{"text": text}))
		var back map[string]any
		require.NoError(t, yaml.Unmarshal(out.Bytes(), &back), "%q", out.String())
		require.Equal(t, map[string]any{"text": text}, back, "%q", out.String())
	})
}

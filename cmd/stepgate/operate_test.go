package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func failedLine(id, step string) string {
	return fmt.Sprintf(`{"specversion":"1.0","source":"test","id":%q,"type":"stepgate.step.failed.v1","subject":"STEPSID","data":{"step":%q}}`+"\n", id, step)
}

// TestBothClientsOperate: an operator's commands give the same, whether they ask
// a server or open a store.
func TestBothClientsOperate(t *testing.T) {
	far, near := sides(t, "one.yaml")
	compare(t, far, near, []exchanged{
		{command: "steps --association 1"},
		{command: "explain STEPSID"},
		{command: "explain STEPSID -o json"},
		{command: "explain STEPSID -o yaml --device phone-2"},
		{command: "explain 17", code: 1},
		{command: "explain 2317"},
		{command: "explain"},

		{command: "send -", input: eventLine("h", "mediumCarKey")},
		{command: "show STEPSID"},
		{command: "send -", input: failedLine("f-1", "trustedPhone") + failedLine("f-2", "trustedPhone")},
		{command: "steps STEPSID", code: 1},
		{command: "next STEPSID", code: 1},
		{command: "send -", code: 1, input: eventLine("l", "trustedPhone")},
		{command: "explain STEPSID"},
		{command: "unlock STEPSID --step pinCode --reason asked --actor ann", code: 1},
		{command: "unlock STEPSID --step trustedPhone --reason asked --actor ann"},
		{command: "unlock STEPSID --reason asked --actor ann -o json"},
		{command: "send -", input: eventLine("2", "trustedPhone")},

		{command: "override STEPSID deviceActivation --reason desk --actor ann --id o-1"},
		{command: "override STEPSID deviceActivation --reason desk --actor ann --id o-1"},
		{command: "override STEPSID deviceActivation --reason desk --actor bob --id o-1", code: 1},
		{command: "override STEPSID deviceActivation --reason desk --actor ann", code: 1},
		{command: "override STEPSID pinCode --reason desk --actor ann -o jsonl", code: 1},
		{command: "override 17 trustedPhone --reason desk --actor ann", code: 1},
		{command: "show STEPSID"},
		{command: "show STEPSID -o json"},
		{command: "show STEPSID --draw mermaid"},
		{command: "history STEPSID"},
		{command: "history STEPSID -o yaml"},

		{command: "steps --association 2 --device phone-2 -o json"},
		{command: "list"},
		{command: "revoke STEPSID trustedPhone --reason stolen --actor ann"},
		{command: "revoke STEPSID trustedPhone --reason stolen --actor ann", code: 1},
		{command: "show STEPSID"},
		{command: "explain STEPSID"},
		{command: "revoke STEPSID deviceActivation --reason stolen --actor ann"},
		{command: "steps STEPSID", code: 1},
		{command: "steps STEPSID --reset --step pinCode", code: 1},
		{command: "steps STEPSID --reset --step deviceActivation"},
		{command: "steps STEPSID --reset --step trustedPhone --filter todo -o json"},

		{command: "cancel STEPSID --reason sold --actor ann"},
		{command: "cancel STEPSID --reason sold --actor ann", code: 1},
		{command: "override STEPSID trustedPhone --reason desk --actor ann", code: 1},
		{command: "explain STEPSID"},
		{command: "show STEPSID --draw dot"},

		{command: "list --user dev --state cancelled"},
		{command: "list --user nobody -o json"},
		{command: "list --as ann -o yaml"},
		{command: "verify"},
		{command: "verify -o json"},
		{command: "verify -o jsonl"},
		{command: "verify -o yaml"},

		{command: "erase --user nobody --reason asked --actor ann --yes"},
		{command: "erase --user dev --reason asked --actor ann", code: 2},
		{command: "erase --user dev --reason asked --actor ann --yes"},
		{command: "show STEPSID"},
		{command: "show STEPSID -o yaml"},
		{command: "show STEPSID --draw dot", code: 1},
		{command: "history STEPSID"},
		{command: "history STEPSID -o json"},
		{command: "explain STEPSID"},
		{command: "steps STEPSID", code: 1},
		{command: "list --user dev"},
		{command: "list --state erased"},
		{command: "verify"},
		{command: "steps --association 1"},
		{command: "erase --user dev --reason asked --actor ann --yes -o json"},
		{command: "cancel STEPSID --reason sold --actor ann", code: 1},
	})
}

// TestBothClientsPlans: so do the commands about plans.
func TestBothClientsPlans(t *testing.T) {
	far, near := sides(t, "two.yaml")
	compare(t, far, near, []exchanged{
		{command: "plan diff two.yaml"},
		{command: "plan apply two.yaml"},
		{command: "steps --association 1"},
		{command: "steps --association 2"},
		{command: "plan diff one.yaml", code: 6},
		{command: "plan diff one.yaml -o json", code: 6},
		{command: "plan diff two.yaml -o jsonl"},
		{command: "plan apply one.yaml --yes", code: 1},
		{command: "plan apply other.yaml --yes", code: 1},
		{command: "plan apply two.yaml -o yaml"},
	})
	require.Contains(t, far.ask("plan apply one.yaml --yes", "").Err, "the engine does not run version 2 of remoteCommands as one.yaml has it")
}

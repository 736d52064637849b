package engine

import (
	"fmt"
	"testing"
	"time"

	"github.com/stepgate/stepgate/steps"
)

// BenchmarkDecide is a verdict on a cached activation, without its store, at
// several lengths of its history.
func BenchmarkDecide(b *testing.B) {
	plan, _ := steps.Default().Latest(steps.RemoteCommands)
	m, err := compile(plan)
	if err != nil {
		b.Fatal(err)
	}
	by := &steps.Caller{User: "sms-gateway", Rights: steps.Report, Channel: "v1"}
	now := time.UnixMilli(1_780_000_000_000).UTC()
	for _, length := range []int{1, 10, 1000} {
		b.Run(fmt.Sprintf("history=%d", length), func(b *testing.B) {
			a := steps.Activation{
				StepsID: 42, Binding: steps.Binding{Association: "987654", User: "u", Device: "d"},
				Service: plan.Service, VIN: "VIN", Salt: steps.Salt{1},
			}
			m.create(&a, by, unproven(&plan, &a), now)
			var past past
			for i := range length {
				past.add(&steps.Entry{Payload: steps.Payload{Event: steps.EventID("sms", fmt.Sprint("e-", i))}})
			}
			ev := steps.Completion(steps.EventID("sms", "e-new"), 42, steps.TrustedPhone)
			known := &facts{} // none are needed
			b.ReportAllocs()
			for b.Loop() {
				if d := m.decide(&a, &past, &ev, by, known, now); d.verdict.Outcome != steps.Applied {
					b.Fatal(d.verdict)
				}
			}
		})
	}
}

package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

// nearSubjects make another subject of one, with all but one member the same.
var nearSubjects = []struct {
	name string
	near func(steps.Subject) steps.Subject
}{
	{"step", func(s steps.Subject) steps.Subject { s.Step = steps.DeviceActivation; return s }},
	{"user", func(s steps.Subject) steps.Subject { s.User += "0"; return s }},
	{"device", func(s steps.Subject) steps.Subject { s.Device += "0"; return s }},
	{"vehicle", func(s steps.Subject) steps.Subject { s.VIN += "0"; return s }},
	{"activation", func(s steps.Subject) steps.Subject { s.StepsID++; return s }},
	{"scope", func(s steps.Subject) steps.Subject { s.Device, s.VIN = s.VIN, s.Device; return s }},
}

func evidenceCases() []testCase {
	const step = steps.MediumCarKey
	cases := []testCase{
		{name: "of nothing", run: func(e *env) {
			require.Empty(e, e.evidence())
		}},
		{name: "is absent at first", run: func(e *env) {
			w := e.created(1)[0]
			require.Equal(e, make([]steps.Evidence, 2), e.evidence(w.Subject(step), steps.Subject{}))
		}},
		{name: "is remembered", run: func(e *env) {
			w := e.created(1)[0]
			proven := e.prove(w, step)
			require.Equal(e, []steps.Evidence{proven}, e.evidence(proven.Subject))
		}},
		{name: "without an end", run: func(e *env) {
			w := e.created(1)[0]
			change := w.Complete()
			proven := w.Evidence(step)
			proven.Until = time.Time{}
			change.Proven = []steps.Evidence{proven}
			e.commit(change)
			require.Equal(e, change.Proven, e.evidence(proven.Subject))
		}},
		{name: "without an event", run: func(e *env) {
			w := e.walk()
			change := w.Create()
			proven := w.Evidence(step)
			require.Zero(e, proven.Event)
			change.Proven = []steps.Evidence{proven}
			e.commit(change)
			require.Equal(e, change.Proven, e.evidence(proven.Subject))
		}},
		{name: "is replaced", run: func(e *env) {
			w := e.created(1)[0]
			first := e.prove(w, step)
			second := e.prove(w, step)
			require.NotEqual(e, first, second)
			require.Equal(e, []steps.Evidence{second}, e.evidence(first.Subject))
		}},
		{name: "is replaced by another activation", run: func(e *env) {
			w := e.created(2)
			w[1].Activation.User, w[1].Activation.VIN = w[0].Activation.User, w[0].Activation.VIN
			e.prove(w[0], step)
			second := e.prove(w[1], step)
			require.Equal(e, []steps.Evidence{second}, e.evidence(w[0].Subject(step)))
		}},
		{name: "is withdrawn", run: func(e *env) {
			w := e.created(1)[0]
			proven := e.prove(w, step)
			e.withdraw(w, proven.Subject)
			require.Zero(e, e.evidence(proven.Subject)[0])
		}},
		{name: "is withdrawn by a reset, all of it", run: func(e *env) {
			w := e.created(1)[0]
			for _, name := range w.Names {
				e.prove(w, name)
			}
			reset := w.Reset()
			e.commit(reset)
			require.Equal(e, make([]steps.Evidence, len(w.Names)), e.evidence(reset.Withdrawn...))
		}},
		{name: "holds where one change withdraws it and proves it", run: func(e *env) {
			w := e.created(1)[0]
			first := e.prove(w, step)
			change := w.Reset()
			change.Proven = []steps.Evidence{w.Evidence(step)}
			e.commit(change)
			require.NotEqual(e, first, change.Proven[0])
			require.Equal(e, change.Proven, e.evidence(first.Subject))
		}},
		{name: "is left by each completion", run: func(e *env) {
			w := e.walk()
			w.Proves = true
			e.commit(w.Create())
			var proven []steps.Evidence
			for range w.Names {
				change := w.Complete()
				e.commit(change)
				proven = append(proven, change.Proven...)
			}
			require.Len(e, proven, len(w.Names))
			require.Equal(e, proven, e.evidence(w.Subjects()...))
		}},
		{name: "of one activation alone", run: func(e *env) {
			first := e.walk(StepNames(2)...)
			second := e.walk(StepNames(2)...)
			second.Activation.User = first.Activation.User
			e.commit(first.Create(), second.Create())
			proven := e.prove(first, first.Names[0])
			require.NotZero(e, proven.Subject.StepsID)
			require.Equal(e, []steps.Evidence{proven, {}}, e.evidence(proven.Subject, second.Subject(first.Names[0])))
		}},
		{name: "is withdrawn where there is none", run: func(e *env) {
			w := e.created(1)[0]
			e.withdraw(w, w.Subject(step))
			e.requireShown(w)
			require.Zero(e, e.evidence(w.Subject(step))[0])
		}},
		{name: "is withdrawn twice", run: func(e *env) {
			w := e.created(1)[0]
			proven := e.prove(w, step)
			e.withdraw(w, proven.Subject)
			e.withdraw(w, proven.Subject)
			require.Zero(e, e.evidence(proven.Subject)[0])
		}},
		{name: "comes again after it was withdrawn", run: func(e *env) {
			w := e.created(1)[0]
			first := e.prove(w, step)
			e.withdraw(w, first.Subject)
			second := e.prove(w, step)
			require.Equal(e, []steps.Evidence{second}, e.evidence(first.Subject))
		}},
		{name: "of several subjects in one change", run: func(e *env) {
			w := e.created(1)[0]
			change := w.Complete()
			change.Proven = []steps.Evidence{w.Evidence(steps.TrustedPhone), w.Evidence(step), w.Evidence(steps.DeviceActivation)}
			e.commit(change)
			require.Equal(e, change.Proven, e.evidence(subjectsOf(change.Proven)...))
		}},
		{name: "of one subject comes as that of another goes", run: func(e *env) {
			w := e.created(1)[0]
			gone := e.prove(w, step)
			change := w.Complete()
			change.Withdrawn = []steps.Subject{gone.Subject}
			change.Proven = []steps.Evidence{w.Evidence(steps.TrustedPhone)}
			e.commit(change)
			require.Equal(e, []steps.Evidence{{}, change.Proven[0]}, e.evidence(gone.Subject, change.Proven[0].Subject))
		}},
		{name: "in the order of the subjects, with absent ones and some twice", run: func(e *env) {
			w := e.created(3)
			a, c := e.prove(w[0], step), e.prove(w[2], step)
			known := e.evidence(c.Subject, w[1].Subject(step), a.Subject, c.Subject)
			require.Equal(e, []steps.Evidence{c, {}, a, c}, known)
		}},
		{name: "within a batch, the last change wins", run: func(e *env) {
			w := e.created(4)
			subject := w[0].Subject(step)
			proving := func(w *Walk) store.Change {
				change := w.Complete()
				proven := w.Evidence(step)
				proven.Subject = subject
				change.Proven = []steps.Evidence{proven}
				return change
			}
			withdrawing := func(w *Walk) store.Change {
				change := w.Fail()
				change.Withdrawn = []steps.Subject{subject}
				return change
			}
			e.commit(proving(w[0]), withdrawing(w[1]))
			require.Zero(e, e.evidence(subject)[0])
			first, last := withdrawing(w[2]), proving(w[3])
			e.commit(first, last)
			require.Equal(e, last.Proven, e.evidence(subject))
		}},
		{name: "of 500 subjects", run: func(e *env) {
			walks := e.created(500)
			changes := make([]store.Change, len(walks))
			var proven []steps.Evidence
			for i, w := range walks {
				changes[i] = w.Complete()
				changes[i].Proven = []steps.Evidence{w.Evidence(step)}
				proven = append(proven, changes[i].Proven...)
			}
			e.commit(changes...)
			require.Equal(e, proven, e.evidence(subjectsOf(proven)...))
		}},
	}
	for _, s := range nearSubjects {
		cases = append(cases, testCase{name: "of another " + s.name + " is another", run: func(e *env) {
			w := e.created(1)[0]
			change := w.Complete()
			first := w.Evidence(step)
			second := first
			second.Subject = s.near(first.Subject)
			second.At = second.At.Add(time.Hour)
			change.Proven = []steps.Evidence{first}
			e.commit(change)
			require.Zero(e, e.evidence(second.Subject)[0])

			change = w.Complete()
			change.Proven = []steps.Evidence{second}
			e.commit(change)
			require.Equal(e, []steps.Evidence{first, second}, e.evidence(first.Subject, second.Subject))

			e.withdraw(w, first.Subject)
			require.Equal(e, []steps.Evidence{{}, second}, e.evidence(first.Subject, second.Subject))
		}})
	}
	return cases
}

// prove commits evidence of a step.
func (e *env) prove(w *Walk, step string) steps.Evidence {
	e.Helper()
	change := w.Fail()
	proven := w.Evidence(step)
	change.Proven = []steps.Evidence{proven}
	e.commit(change)
	return proven
}

// withdraw commits that nothing is proven for a subject.
func (e *env) withdraw(w *Walk, subject steps.Subject) {
	e.Helper()
	change := w.Fail()
	change.Withdrawn = []steps.Subject{subject}
	e.commit(change)
}

func subjectsOf(proven []steps.Evidence) []steps.Subject {
	subjects := make([]steps.Subject, len(proven))
	for i := range proven {
		subjects[i] = proven[i].Subject
	}
	return subjects
}

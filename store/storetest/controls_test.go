package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
	"github.com/stepgate/stepgate/store/memstore"
)

// control is a harness whose store breaks the contract, and the cases that must
// notice: one, or with a slash at the end all of a group. There may be more.
type control struct {
	name    string
	harness Harness
	notice  []string
}

// controls are the stores that must not pass.
func controls() []control {
	return slices.Concat(basicControls(), guardControls(), talliesControls(), dueControls(), scanControls(), eraseControls())
}

// over is a control that breaks a memory store.
func over(name string, broken func(store.Store) store.Store, notice ...string) control {
	open := func(testing.TB) store.Store { return broken(memstore.New()) }
	return control{name: name, harness: Harness{Open: open}, notice: notice}
}

// basicControls break what an activation, its history and its evidence are.
func basicControls() []control {
	return []control{
		over("forgets compare-and-swap", func(st store.Store) store.Store { return forgetsCAS{st} },
			"refused/an update one revision behind leaves no trace",
			"refused/an update one revision ahead leaves no trace",
			"batch/with stale updates first",
			"batch/twice is refused the second time",
			"race/one winner a revision",
			"model/seed 1"),
		over("compares, and swaps later", func(st store.Store) store.Store { return swapsLater{st} },
			"race/one winner a revision",
			"race/one creator of an ID",
			"race/one winner an activation where batches overlap"),
		over("overwrites a taken ID", func(st store.Store) store.Store { return overwritesID{st} },
			"create/of the same ID is refused",
			"create/of the same again is refused",
			"race/one creator of an ID"),
		over("ignores that a binding is taken", func(st store.Store) store.Store { return ignoresBinding{st} },
			"create/of the same binding is refused",
			"batch/of two creations of one binding has the first win",
			"race/one creator of a binding",
			"race/one taker of the binding that an erasure frees"),
		over("joins a binding's members by a slash", joinsBinding,
			`find/bindings alike when joined by "/"`),
		over("lets a conflict fail its neighbours", func(st store.Store) store.Store { return failsBatch{st} },
			"batch/with stale updates first",
			"batch/with stale updates in the middle",
			"batch/with taken bindings last"),
		over("lets a conflict end the batch", func(st store.Store) store.Store { return endsBatch{st} },
			"batch/with stale updates in the middle",
			"batch/with taken bindings at every other place"),
		over("writes an entry, then the others", func(st store.Store) store.Store { return writesInTwo{st} },
			"race/a reader sees whole changes, and never an older one again"),
		over("loses all entries but the first", func(st store.Store) store.Store { return losesEntries{st} },
			"update/by 2 entries at once",
			"create/with the entries that follow"),
		over("keeps the evidence of what it refused", keepsRefusedEvidence,
			"refused/an update one revision behind leaves no trace",
			"refused/a creation of a taken ID leaves no trace"),
		over("loses the evidence of a creation", func(st store.Store) store.Store { return losesEvidence{st} },
			"create/with evidence"),
		over("forgets to withdraw", func(st store.Store) store.Store { return forgetsWithdrawal{st} },
			"evidence/is withdrawn",
			"evidence/is withdrawn by a reset, all of it"),
		over("keeps the first evidence of a subject", func(st store.Store) store.Store { return keepsFirstEvidence{st} },
			"evidence/is replaced",
			"evidence/is replaced by another activation"),
		over("never again tells evidence that was withdrawn", buriesEvidence,
			"evidence/comes again after it was withdrawn"),
		over("sorts evidence", func(st store.Store) store.Store { return sortsEvidence{st} },
			"evidence/of several subjects in one change",
			"evidence/in the order of the subjects, with absent ones and some twice"),
		over("takes no end of evidence for an end at once", func(st store.Store) store.Store { return endsEvidence{st} },
			"evidence/without an end"),
		over("keeps evidence for ever", func(st store.Store) store.Store { return immortalizesEvidence{st} },
			"fields/evidence until in the year 9999",
			"fields/evidence until at the Unix epoch"),
		over("keeps evidence by step and user alone", func(st store.Store) store.Store { return mixesSubjects{st} },
			"evidence/of another vehicle is another",
			"evidence/of another device is another",
			"evidence/of 500 subjects",
			"evidence/is remembered"),
		over("knows evidence of every subject", func(st store.Store) store.Store { return remembersAnything{st} },
			"evidence/is absent at first"),
		over("loads the rows that there are", func(st store.Store) store.Store { return loadsRows{st} },
			"load/in the order of the IDs",
			"load/with absent IDs between",
			"load/with IDs that stand twice",
			"load/1000 at once"),
		over("is an error where something is absent", func(st store.Store) store.Store { return missesLoudly{st} },
			"load/from an empty store",
			"load/the ID 0",
			"load/neighbours of an ID",
			"history/of absent IDs",
			"list/of an empty store",
			"due/in an empty store",
			"feed/of an empty store"),
		over("does not take a call about nothing", func(st store.Store) store.Store { return wantsSomething{st} },
			"load/nothing", "history/of nothing", "evidence/of nothing", "tallies/of nothing", "batch/of nothing",
			"erase/nothing"),
		over("finds a zero activation where there is none", func(st store.Store) store.Store { return findsZero{st} },
			"find/in an empty store",
			"find/the empty binding"),
		over("finds by association alone", findsBy(func(a, b steps.Binding) bool { return a.Association == b.Association }),
			"find/not by another user",
			"find/not by another device"),
		over("finds by device alone", findsBy(func(a, b steps.Binding) bool { return a.Device == b.Device }),
			"find/not by another association"),
		over("lists by the state at the creation", listsOldStates,
			"list/shows a move at once",
			"list/keeps what an entry does not move"),
		over("lists by every state that a change went through", listsPassedStates,
			"list/shows a move there and back in one change"),
		over("lists by the beginning of a text", func(st store.Store) store.Store { return listsByPrefix{st} },
			"list/takes a filter as the whole text"),
		over("tells heads that were only tried", newGuessesHeads,
			"heads/stay when a change is refused",
			"heads/know no revision of what is absent"),
		over("writes behind the caller's slices", func(st store.Store) store.Store { return writesBehindSlices{st} },
			"alias/a store leaves what lies behind the changes as it is"),
		over("sorts the caller's slices", func(st store.Store) store.Store { return sortsIDs{st} },
			"alias/a store leaves the IDs and subjects as they are"),
		over("keeps the caller's slices", keepsSlices,
			"alias/a caller overwrites its entries"),
		over("writes to the caller's slices", func(st store.Store) store.Store { return writesToSlices{st} },
			"alias/a store leaves the changes as they are"),
		over("returns the same slices again", returnsAgain,
			"alias/a caller overwrites what History, entry by entry returned"),
		over("answers reads from what it saw first", answersStale,
			"find/the newest revision",
			"update/by a completion",
			"race/a writer sees its own writes at once"),
		over("tells the feed out of order", func(st store.Store) store.Store { return swapsTold{st} },
			"feed/is in the order of the commits",
			"feed/is in the order of a batch"),
		over("tells no resets", func(st store.Store) store.Store { return tellsNoResets{st} },
			"update/by a reset",
			"feed/tells every entry"),
		over("gives out places in the feed before they are filled", fillsLater,
			"race/a follower of the feed misses nothing"),
		over("takes any cursor for the beginning", func(st store.Store) store.Store { return takesAnyCursor{st} },
			"cursor/"),
		over("lists in another order", func(st store.Store) store.Store { return listsBackwards{st} },
			"list/is in ascending order of the IDs"),
		over("lists from the beginning", func(st store.Store) store.Store { return listsFromBeginning{st} },
			"list/page by page is the whole",
			"list/after each ID, and between",
			"race/a list holds everything that was there before it"),
		over("lists without a limit", func(st store.Store) store.Store { return listsMore{st} },
			"list/has 100 unless told otherwise"),
		over("lists by one filter alone", func(st store.Store) store.Store { return filtersOnce{st} },
			"list/by state true, service true, association false, user false",
			"list/by state true, service false, association true, user false",
			"list/by state true, service false, association false, user true"),
		over("takes the claimed epoch 0 for none", altering(dropsClaimedZero),
			"fields/the claimed epoch 0"),
		over("takes the Unix epoch for no time", altering(dropsUnixEpoch),
			"fields/told at the Unix epoch"),
		over("keeps times to the second", altering(cutsToSeconds),
			"fields/judged 999 ms behind a second"),
		over("cuts texts to 255 bytes", altering(cutsTexts),
			"fields/source at its limit",
			"fields/comment at its limit"),
		over("goes on when the context is over", func(st store.Store) store.Store { return ignoresContext{st} },
			"context/Load cancelled",
			"context/Find past its deadline",
			"context/History cancelled",
			"context/Commit of a batch cancelled",
			"context/Scan cancelled", "context/Tallies cancelled", "context/Due past its deadline", "context/Erase cancelled"),
		over("writes, then looks at the context", func(st store.Store) store.Store { return writesFirst{st} },
			"context/Commit of a creation cancelled",
			"context/Commit of an update past its deadline",
			"context/Commit of what rests on more cancelled",
			"context/Erase past its deadline"),
		over("says more than was written when it is cancelled", func(st store.Store) store.Store { return acknowledgesAll{st} },
			"context/Commit of an update cancelled",
			"batch/with stale updates everywhere"),
		over("never closes", func(st store.Store) store.Store { return neverCloses{st} },
			"close/then Load", "close/then Find", "close/then History", "close/then Evidence", "close/then List",
			"close/then Changes", "close/then Scan", "close/then Tallies", "close/then Due", "close/then Erase",
			"close/then Commit of a creation", "close/while others write"),
		over("fails to close twice", func(st store.Store) store.Store { return &closesOnce{Store: st} },
			"close/twice"),
		over("tells heads that are behind", func(st store.Store) store.Store { return headsBehind{st} },
			"heads/agree with Load"),
		leaking(),
		{"does not open again", Harness{Open: openJournal, Reopen: neverReopen}, []string{"reopen/"}},
		{"forgets everything", Harness{Open: openJournal, Reopen: reopenForgetting(everything)}, []string{
			"reopen/keeps all that it showed", "reopen/keeps a filter's answers", "reopen/goes on where it was",
			"reopen/activated", "reopen/a creation of a taken ID is refused after it",
		}},
		{"forgets its last change", Harness{Open: openJournal, Reopen: reopenForgetting(lastWrite)}, []string{
			"reopen/created", "reopen/keeps all that it showed", "reopen/keeps a batch of 4096",
			"feed/goes on after a restart", "heads/agree with Load after a restart",
		}},
		{"forgets evidence", Harness{Open: openJournal, Reopen: reopenForgetting(forgetting(func(c *store.Change) { c.Proven = nil }))}, []string{
			"reopen/keeps all that it showed", "reopen/evidence until in the year 9999",
		}},
		{"forgets tallies", Harness{Open: openJournal, Reopen: reopenForgetting(forgetting(func(c *store.Change) { c.Tallies = nil }))}, []string{
			"reopen/a tally of one failure", "guards/after a restart, what rests on a tally at its revision",
		}},
		{"forgets erasures", Harness{Open: openJournal, Reopen: reopenForgetting(allErasures)}, []string{
			"erase/everything that there can be stays erased after a restart",
			"erase/forgets evidence and tallies for good",
			"erase/frees the binding after a restart",
			"erase/keeps every cursor over a restart",
		}},
		{"forgets when what is due", Harness{Open: openJournal, Reopen: reopenForgetting(forgetting(func(c *store.Change) {
			c.Activation.Deadline = time.Time{}
		}))}, []string{"due/is the same after a restart"}},
	}
}

// TestControls requires that the suite notices every broken store.
func TestControls(t *testing.T) {
	for _, c := range controls() {
		t.Run(c.name, func(t *testing.T) {
			for _, name := range c.notice {
				cases := casesNamed(name)
				require.NotEmpty(t, cases, "no case has the name %s", name)
				for _, tried := range cases {
					reports, _ := tryCase(t, tried, c.harness)
					require.NotEmpty(t, reports, "%s (%s) does not notice", name, tried.name)
				}
			}
		})
	}
}

// TestEveryCaseCanFail requires of every case that some control fails it. Those
// that a control must notice are TestControls' own.
func TestEveryCaseCanFail(t *testing.T) {
	var noticed []string
	for _, c := range controls() {
		noticed = append(noticed, c.notice...)
	}
	for _, g := range suite() {
		for _, c := range g.cases {
			if slices.Contains(noticed, g.name+"/"+c.name) || slices.Contains(noticed, g.name+"/") {
				continue
			}
			fails := slices.ContainsFunc(controls(), func(broken control) bool {
				reports, _ := tryCase(t, c, broken.harness)
				return len(reports) > 0
			})
			assert.True(t, fails, "no control fails %s/%s", g.name, c.name)
		}
	}
}

// casesNamed returns the case, or all of the group, with a name.
func casesNamed(name string) []testCase {
	var named []testCase
	for _, g := range suite() {
		for _, c := range g.cases {
			if name == g.name+"/"+c.name || name == g.name+"/" {
				named = append(named, c)
			}
		}
	}
	return named
}

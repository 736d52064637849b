package storetest

import (
	"fmt"
	"math"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/stepgate/stepgate/steps"
	"github.com/stepgate/stepgate/store"
)

func feedCases() []testCase {
	return []testCase{
		{name: "of an empty store", run: func(e *env) {
			require.Empty(e, e.changes("", 10))
		}},
		{name: "tells every entry", run: func(e *env) {
			walks := e.created(3)
			for range 5 {
				for _, w := range walks {
					e.commit(w.Next())
				}
			}
			e.requireFeed(walks...)
		}},
		{name: "is in the order of the commits", run: func(e *env) {
			walks := e.created(10)
			end := e.endOfFeed()
			var committed []steps.ID
			for i := range 30 {
				w := walks[i*7%10]
				e.commit(w.Next())
				committed = append(committed, w.Activation.StepsID)
			}
			require.Equal(e, committed, toldIDs(e.feed(end)))
		}},
		{name: "is in the order of a batch", run: func(e *env) {
			walks := e.created(5)
			end := e.endOfFeed()
			e.commit(walks[4].Next(), walks[0].Next(), walks[2].Next(), walks[3].Next(), walks[1].Next())
			want := idsOf([]*Walk{walks[4], walks[0], walks[2], walks[3], walks[1]})
			require.Equal(e, want, toldIDs(e.feed(end)))
		}},
		{name: "keeps the entries of one change together", run: func(e *env) {
			walks := e.created(2)
			end := e.endOfFeed()
			e.commit(Join(walks[1].Next(), walks[1].Next(), walks[1].Next()), Join(walks[0].Next(), walks[0].Next()))
			var revisions []uint32
			feed := e.feed(end)
			for _, told := range feed {
				revisions = append(revisions, told.Entry.Revision)
			}
			first, second := walks[1].Activation.StepsID, walks[0].Activation.StepsID
			require.Equal(e, []steps.ID{first, first, first, second, second}, toldIDs(feed))
			require.Equal(e, []uint32{2, 3, 4, 2, 3}, revisions)
		}},
		{name: "goes on from every place", run: func(e *env) {
			feed := e.twentyTold()
			for i := range feed {
				require.Equal(e, feed[i+1:], e.feed(feed[i].Cursor), "behind entry %d", i)
			}
		}},
		{name: "is the same in pages of any size", run: func(e *env) {
			feed := e.twentyTold()
			for _, limit := range []int{1, 2, 3, 7, 19, 20, 21, 1000} {
				var paged []store.Told
				for cursor := store.Cursor(""); ; {
					page := e.changes(cursor, limit)
					if len(page) == 0 {
						break
					}
					require.LessOrEqual(e, len(page), limit)
					require.NotEqual(e, cursor, page[len(page)-1].Cursor)
					paged = append(paged, page...)
					cursor = page[len(page)-1].Cursor
				}
				require.Equal(e, feed, paged, "pages of %d", limit)
			}
		}},
		{name: "goes on inside a change", run: func(e *env) {
			w := e.walk()
			e.commit(Join(w.Create(), w.Next(), w.Next(), w.Next()))
			page := e.changes("", 2)
			require.Len(e, page, 2)
			rest := e.changes(page[1].Cursor, 10)
			require.Len(e, rest, 2)
			require.EqualValues(e, 3, rest[0].Entry.Revision)
		}},
		{name: "is empty at its end, until more comes", run: func(e *env) {
			walks := e.created(2)
			end := e.endOfFeed()
			require.Empty(e, e.changes(end, 10))
			require.Empty(e, e.changes(end, 10))
			e.commit(walks[1].Next())
			told := e.changes(end, 10)
			require.Len(e, told, 1)
			e.requireEntries(walks[1].Entries[1:], []steps.Entry{told[0].Entry})
		}},
		{name: "takes a limit far beyond its end", run: func(e *env) {
			feed := e.twentyTold()
			require.Equal(e, feed, e.changes("", math.MaxInt))
			require.Equal(e, feed[15:], e.changes(feed[14].Cursor, math.MaxInt))
		}},
		{name: "does not change behind a cursor", run: func(e *env) {
			before := e.twentyTold()
			for _, w := range e.created(5) {
				e.commit(w.Complete())
			}
			require.Equal(e, before, e.changes("", len(before)))
		}},
		{name: "has a cursor for each entry", run: func(e *env) {
			seen := map[store.Cursor]bool{"": true}
			for _, told := range e.twentyTold() {
				require.False(e, seen[told.Cursor], "cursor %q stands twice or is empty", told.Cursor)
				seen[told.Cursor] = true
			}
		}},
		{name: "goes on after a restart", reopens: true, run: func(e *env) {
			before := e.twentyTold()
			e.reopen()
			require.Equal(e, before, e.feed(""))
			w := e.created(1)[0]
			for i := range before {
				feed := e.feed(before[i].Cursor)
				require.Equal(e, before[i+1:], feed[:len(feed)-1])
				require.Equal(e, w.Activation.StepsID, feed[len(feed)-1].StepsID)
			}
		}},
	}
}

// twentyTold commits twenty entries and returns the feed that tells them.
func (e *env) twentyTold() []store.Told {
	e.Helper()
	for _, w := range e.created(5) {
		e.commit(w.Next())
		e.commit(Join(w.Next(), w.Refuse()))
	}
	feed := e.feed("")
	require.Len(e, feed, 20)
	return feed
}

func toldIDs(feed []store.Told) []steps.ID {
	ids := make([]steps.ID, len(feed))
	for i := range feed {
		ids[i] = feed[i].StepsID
	}
	return ids
}

// spoils make a text that no store can have given out as a cursor of a cursor
// that one did.
var spoils = []struct {
	name  string
	spoil func(good store.Cursor) store.Cursor
}{
	{"a word", func(store.Cursor) store.Cursor { return "not a cursor" }},
	{"a space", func(store.Cursor) store.Cursor { return " " }},
	{"a NUL", func(store.Cursor) store.Cursor { return "\x00" }},
	{"no UTF-8", func(store.Cursor) store.Cursor { return "\xff\xfe" }},
	{"a negative number", func(store.Cursor) store.Cursor { return "-1" }},
	{"a huge number", func(store.Cursor) store.Cursor { return "99999999999999999999999999" }},
	{"10 kB", func(store.Cursor) store.Cursor { return store.Cursor(strings.Repeat("7", 10_000)) }},
	{"one with a space before", func(good store.Cursor) store.Cursor { return " " + good }},
	{"one with a space behind", func(good store.Cursor) store.Cursor { return good + " " }},
	{"one with a plus before", func(good store.Cursor) store.Cursor { return "+" + good }},
	{"one with a NUL behind", func(good store.Cursor) store.Cursor { return good + "\x00" }},
	{"one with a comma between", func(good store.Cursor) store.Cursor { return good[:1] + "," + good[1:] }},
}

func cursorCases() []testCase {
	var cases []testCase
	for _, s := range spoils {
		cases = append(cases, testCase{name: fmt.Sprintf("%s is none", s.name), run: func(e *env) {
			e.twentyTold()
			good := e.endOfFeed()
			told, err := e.st.Changes(e.Context(), s.spoil(good), 10)
			require.ErrorIs(e, err, store.ErrCursor)
			require.Empty(e, told)
			require.Empty(e, e.changes(good, 10), "the good one still works")
		}})
	}
	return append(cases, testCase{name: "one of a longer feed is none", run: func(e *env) {
		e.twentyTold()
		beyond := e.endOfFeed()
		e.use(e.harness.Open(e.TB))
		e.created(1)
		_, err := e.st.Changes(e.Context(), beyond, 10)
		require.ErrorIs(e, err, store.ErrCursor, "entries would be passed over when the feed gets there")
	}})
}

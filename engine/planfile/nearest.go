package planfile

import "strings"

// nearest returns the one of names that somebody who wrote word is likely to
// have meant, or "".
func nearest(word string, names []string) string {
	const most = 2 // letters that are wrong, missing or too many
	found, least := "", min(most, len(word)/2)+1
	for _, name := range names {
		if strings.EqualFold(word, name) {
			return name
		}
		if d := distance(word, name, least); d < least {
			found, least = name, d
		}
	}
	return found
}

// distance returns how many letters have to be changed, added or taken away to
// make b of a, or something of at least limit where those are that many.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal, least := row[0], i+1
		row[0] = i + 1
		for j := range len(b) {
			changed := diagonal
			if a[i] != b[j] {
				changed++
			}
			diagonal = row[j+1]
			row[j+1] = min(changed, row[j+1]+1, row[j]+1)
			least = min(least, row[j+1])
		}
		if least >= limit {
			return limit
		}
	}
	return row[len(b)]
}

package config

import "slices"

// typoMax bounds what is compared; no key is that long.
const typoMax = 100

// nearest returns the name that word was probably meant to be, or "".
func nearest(word string, names []string) string {
	if len(word) > typoMax {
		return ""
	}
	best, least := "", 2+len(word)/4
	for _, name := range names {
		if d := distance(word, name); d < least && d < len(word) {
			best, least = name, d
		}
	}
	return best
}

// distance is the number of letters to put in, take out or change, or of
// neighbours to exchange, that makes b of a.
func distance(a, b string) int {
	var before, last []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, last, row = last, row, slices.Repeat([]int{i + 1}, len(b)+1)
		for j := range len(b) {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}

package attacker

import (
	"fmt"
	"strings"
	"testing"
)

// blocksIn says how many blocks the catalogue has in each family that has been gone through. They are
// numbered from 1 without gaps.
var blocksIn = map[string]int{"T": 14, "D": 32, "M": 7, "C": 14, "X": 11, "R": 10, "P": 20, "K": 13, "L": 13, "J": 19,
	"S": 8, "E": 12, "F": 30, "CH": 10}

// Each block of the catalogue is a technique, or says why it is none: not both, and not neither.
func TestEveryBlockIsPlayedOrListed(t *testing.T) {
	played := map[string]bool{}
	ids := map[string]bool{}
	for _, a := range All() {
		played[BlockOf(a.ID)], ids[a.ID] = true, true
	}
	known := map[string]Block{}
	for _, b := range Blocks() {
		if _, twice := known[b.ID]; twice {
			t.Errorf("%s stands in the list twice", b.ID)
		}
		known[b.ID] = b
		if b.As != "" && !ids[b.As] {
			t.Errorf("%s is said to be played as %s, and there is no such technique", b.ID, b.As)
		}
	}
	for family, n := range blocksIn {
		for i := 1; i <= n; i++ {
			id := fmt.Sprintf("%s-%02d", family, i)
			b, listed := known[id]
			switch {
			case !listed:
				t.Errorf("%s is missing from the blocks", id)
			case b.Why == "" && !played[id]:
				t.Errorf("%s (%s) has no technique and does not say why", id, b.Title)
			case b.Why != "" && played[id]:
				t.Errorf("%s (%s) is played, and is said to be unplayable", id, b.Title)
			}
		}
	}
	for id := range played {
		var family string
		var n int
		if _, err := fmt.Sscanf(strings.Replace(id, "-", " ", 1), "%s %d", &family, &n); err != nil {
			t.Errorf("%s: %v", id, err)
		}
		// Attacks of our own have the numbers after the catalogue's.
		if n <= blocksIn[family] && known[id].ID == "" {
			t.Errorf("%s is played and stands in no list of blocks", id)
		}
	}
}

func TestBlocksAreDescribed(t *testing.T) {
	for _, b := range Blocks() {
		if b.Title == "" || len(b.Title) > 70 || strings.HasSuffix(b.Title, ".") {
			t.Errorf("%s: expected a few words for a title, got %q", b.ID, b.Title)
		}
		if b.Why != "" && (!strings.HasSuffix(b.Why, ".") || len(b.Why) > 260) {
			t.Errorf("%s: expected a sentence or two that say why, got %q", b.ID, b.Why)
		}
	}
}

package stream

import (
	"fmt"
	"strings"
	"testing"
)

// TestManyCollectorsAreToldAsOne: whoever makes up names must not silence coverage.
func TestManyCollectorsAreToldAsOne(t *testing.T) {
	c := &Coverage{State: "complete"}
	for i := range 20_000 {
		c.Collectors = append(c.Collectors, CollectorCoverage{
			Collector: strings.Repeat("\x01", 200) + fmt.Sprint(i), Peers: 1, Live: 1, Heard: 5,
		})
	}
	c.Collectors[15_000] = CollectorCoverage{Collector: "rrc00", Peers: 40, Live: 39, Full4: 30, Heard: 9}
	for i := range 600 {
		c.Ingesters = append(c.Ingesters, IngesterCoverage{Ingester: fmt.Sprint(i)})
	}
	data, err := c.encode()
	if err != nil {
		t.Fatal(err)
	}
	told, err := ParseCoverage(data)
	if err != nil {
		t.Fatal(err)
	}
	var peers, live int
	seen := map[string]CollectorCoverage{}
	for _, k := range told.Collectors {
		peers += k.Peers
		live += k.Live
		seen[k.Collector] = k
	}
	if n := len(told.Collectors); n < 200 || n > toldOf || peers != 19_999+40 || live != 19_999+39 ||
		seen["rrc00"].Full4 != 30 || seen[Others].Live != 20_001-n {
		t.Errorf("%d peers, %d live, %+v, %+v", peers, live, seen["rrc00"], seen[Others])
	}
	if told.State != Degraded || len(told.Reasons) != 2 || !strings.Contains(told.Reasons[0], "are told as one") {
		t.Errorf("%s: %q", told.State, told.Reasons)
	}
	if c.State != "complete" || len(c.Collectors) != 20_000 {
		t.Error("what was given was changed")
	}
}

package fanout

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"detour/internal/latency"

	"github.com/nats-io/nats.go"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestShortFormReachesEverybody(t *testing.T) {
	s, err := Run(t.Context(), Options{Short: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Tables[0].Rows[0][1]; got != "600" {
		t.Errorf("%s deliveries of 30 alerts to 20 subscribers", got)
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	if _, err := Run(t.Context(), Options{Subscribers: 2, Connections: 3}); err == nil {
		t.Error("more connections than subscribers are accepted")
	}
}

func TestALostOrSecondAlertIsAnError(t *testing.T) {
	for name, tc := range map[string]struct {
		heard []int
		ok    bool
	}{
		"all":          {[]int{0, 1, 2}, true},
		"one is lost":  {[]int{0, 2}, false},
		"one twice":    {[]int{0, 1, 1}, false},
		"out of order": {[]int{0, 2, 1}, false},
	} {
		e := &ear{delay: latency.Fine()}
		for _, i := range tc.heard {
			_, _, data := made(i, time.Now())
			e.take(&nats.Msg{Data: data})
		}
		r := &run{o: Options{Alerts: 3}, ears: []*ear{e}}
		if err := r.check(); (err == nil) != tc.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

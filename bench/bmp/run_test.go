package bmp

import (
	"flag"
	"testing"
	"time"

	"go.uber.org/goleak"

	"detour/route"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestShortFormLosesNothing(t *testing.T) {
	s, err := Run(t.Context(), Options{Short: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Tables[0].Rows[0][3]; got != "2000" {
		t.Errorf("%s updates of 10 routers that send 200 for a second", got)
	}
}

// load is how long TestManyRoutersLoseNothing sends; the full measure is a minute.
var load = flag.Duration("load", 2*time.Second, "how long many routers send")

func TestManyRoutersLoseNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("short: a hundred routers")
	}
	s, err := Run(t.Context(), Options{For: *load})
	if err != nil {
		t.Fatal(err)
	}
	for i, column := range s.Tables[0].Columns {
		t.Logf("%s: %s", column, s.Tables[0].Rows[0][i])
	}
}

func TestWhatIsLostOrOutOfOrderIsFound(t *testing.T) {
	e := &ear{last: map[uint32]uint32{}}
	if err := e.check(1); err == nil {
		t.Error("an update that was not heard is not missed")
	}
	for _, n := range []byte{1, 3, 2} {
		u := route.Update{Communities: []byte{0, 0, 0, n}}
		if err := e.Add(t.Context(), &u, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.check(3); err == nil {
		t.Error("updates out of order are not seen")
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	if _, err := Run(t.Context(), Options{For: time.Millisecond}); err == nil {
		t.Error("a load of a millisecond is accepted")
	}
}

package stream

import "testing"

func TestDeliveryIsReadFromBothFormsOfAckSubject(t *testing.T) {
	want := delivery{sequence: 101, consumer: 7, stored: 17e17, pending: 55}
	for reply, ok := range map[string]bool{
		"$JS.ACK.S.C.1.101.7.1700000000000000000.55":               true,
		"$JS.ACK.hub.ACCHASH.S.C.1.101.7.1700000000000000000.55":   true,
		"$JS.ACK._.ACCHASH.S.C.1.101.7.1700000000000000000.55.rnd": true,
		"$JS.ACK.S.C.1.101.7.1700000000000000000":                  false,
		"$JS.ACK.S.C.1.x.7.1700000000000000000.55":                 false,
		"$JS.ACK.S.C.1.101.0.1700000000000000000.55":               false,
		"$JS.ACK.S.C.1.101.7.1700000000000000000.-1":               false,
		"$JS.ACK.":  false,
		"_INBOX.12": false,
		"":          false,
	} {
		got, gotOK := deliveryOf(reply)
		if gotOK != ok || ok && got != want {
			t.Errorf("%q: %+v, %v", reply, got, gotOK)
		}
	}
	if n := testing.AllocsPerRun(100, func() { deliveryOf("$JS.ACK.S.C.1.101.7.1700000000000000000.55") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzDeliveryOf(f *testing.F) {
	f.Add("$JS.ACK._.ACCHASH.S.C.1.101.7.1700000000000000000.55.rnd")
	f.Add("$JS.ACK........")
	f.Fuzz(func(t *testing.T, reply string) {
		if d, ok := deliveryOf(reply); ok && (d.sequence == 0 || d.consumer == 0) {
			t.Fatalf("%q gave %+v", reply, d)
		}
	})
}

package stream

import (
	"errors"
	"testing"

	"github.com/nats-io/nats.go"
)

func TestParseAck(t *testing.T) {
	for name, c := range map[string]struct {
		data    string
		seq     uint64
		refused bool
	}{
		"as the server writes it":   {`{"stream":"DETOUR_UPDATES_0", "seq":12}`, 12, false},
		"duplicate":                 {`{"stream":"S","seq": 7,"duplicate": true}`, 7, false},
		"large":                     {`{"seq":18446744073709551}`, 18446744073709551, false},
		"no responders":             {``, 0, false},
		"no sequence":               {`{"stream":"S"}`, 0, false},
		"sequence of zero":          {`{"stream":"S","seq":0}`, 0, false},
		"error":                     {`{"error":{"code":503,"err_code":10077000,"description":"x"},"seq":0}`, 0, false},
		"larger than stream allows": {`{"error":{"code":400,"err_code":10054,"description":"x"},"seq":0}`, 0, true},
		"broken error":              {`{"error":`, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			seq, err := parseAck(&nats.Msg{Data: []byte(c.data)})
			if seq != c.seq || (err == nil) != (c.seq != 0) || errors.Is(err, errRefused) != c.refused {
				t.Errorf("got %d, %v", seq, err)
			}
		})
	}
}

// An ack is foreign bytes: an error or a sequence, never a panic.
func FuzzParseAck(f *testing.F) {
	f.Add([]byte(`{"stream":"S","seq":99999999999999999999999}`))
	f.Add([]byte(`{"error":{"code":400,"err_code":10054}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if seq, err := parseAck(&nats.Msg{Data: data}); (seq == 0) != (err != nil) {
			t.Fatalf("%d, %v", seq, err)
		}
	})
}

func TestReplySubjectsReadBack(t *testing.T) {
	r := replies{prefix: "_INBOX.abc."}
	round, index, ok := r.parse(r.subject(3, 18446744073709551615))
	if !ok || round != 3 || index != 18446744073709551615 {
		t.Error(round, index, ok)
	}
	for _, foreign := range []string{"", "_INBOX.abd.1.2", "_INBOX.abc.1", "_INBOX.abc.1.2.3", "_INBOX.abc.x.2"} {
		if _, _, ok := r.parse(foreign); ok {
			t.Errorf("%q was read", foreign)
		}
	}
}

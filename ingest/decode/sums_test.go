package decode_test

import (
	"errors"
	"testing"

	"detour/ingest/decode"
	"detour/route"

	"github.com/google/go-cmp/cmp"
)

// sums add up what nine independent decoders agreed upon for the same files.
type sums struct{ Updates, Announced, Withdrawn, ASNs, Bits uint64 }

func (s *sums) add(u *route.Update) {
	s.Updates++
	s.Announced += uint64(len(u.Announced))
	s.Withdrawn += uint64(len(u.Withdrawn))
	for _, a := range u.Path.ASNs {
		s.ASNs += uint64(a)
	}
	for _, n := range u.Announced {
		s.Bits += uint64(n.Bits)
	}
	for _, n := range u.Withdrawn {
		s.Bits += uint64(n.Bits)
	}
}

func TestDevRecordingsGiveTheReferenceSums(t *testing.T) {
	var got sums
	var d decode.Decoder
	var u route.Update
	for _, name := range devFiles {
		for _, r := range records(readCorpus(t, name)) {
			if err := d.Message(r.msg, r.session, &u); err == nil {
				got.add(&u)
			} else if !errors.Is(err, decode.ErrNotUpdate) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	want := sums{163_305, 417_185, 25_644, 64_462_593_184, 10_417_387}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sums differ (-want +got):\n%s", diff)
	}
	if d.Counters.TreatAsWithdraw != 0 || d.Counters.Undecodable != 0 {
		t.Errorf("clean recordings gave faults: %+v", d.Counters)
	}
}

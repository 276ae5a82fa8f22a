package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"detour/alert"
	"detour/internal/scenario/fulltable"
)

// demoOf runs a small demo in haste.
func demoOf(t *testing.T) (*demoRun, string) {
	t.Helper()
	var screen bytes.Buffer
	o := demoOptions{prefixes: 20_000, peers: 5, shards: 4, haste: 20}
	if err := o.check(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	d := newDemoRun(o, streams{bytes.NewReader(nil), &screen, &screen})
	if err := d.run(ctx); err != nil {
		t.Fatalf("%v\n%s", err, screen.String())
	}
	d.report()
	if t.Failed() {
		t.Log(screen.String())
	}
	return d, screen.String()
}

func TestDemoFindsTheLeakAndNothingElse(t *testing.T) {
	defer goleak.VerifyNone(t)
	d, screen := demoOf(t)
	if len(d.incidents) != 1 {
		t.Fatalf("%d incidents\n%s", len(d.incidents), screen)
	}
	if err := d.found(); err != nil {
		t.Error(err)
	}
	a, f := d.incidents[0], d.world.facts
	want := alert.Segment{
		ExportedTo: fulltable.Propagator, Leaker: fulltable.Leaker, LearnedFrom: fulltable.Source,
	}
	if a.Kind != alert.KindLeak || *a.Segment != want || a.Status != alert.StatusResolved ||
		a.CloseReason != alert.CloseWithdrawn {
		t.Errorf("incident %+v", a)
	}
	if int(a.Counts.Prefixes) != f.Prefixes || int(a.Counts.Origins) != f.Origins || len(d.networks) != f.Origins {
		t.Errorf("%d prefixes of %d networks, %d told; leaked were %d of %d",
			a.Counts.Prefixes, a.Counts.Origins, len(d.networks), f.Prefixes, f.Origins)
	}
	if a.Opened < d.source.began() || a.Opened > f.Start+demoRamp/2 || a.Closed < f.Ends || a.Closed > d.world.closed() {
		t.Errorf("opened %v, closed %v, the leak was from %v to %v", a.Opened, a.Closed, f.Start, f.Gone)
	}
	st := d.pipe.pub.Stats()
	if judged := d.pipe.judge.Stats().Correlate.Elements; judged != st.Elements || st.Elements == 0 {
		t.Errorf("%d elements sent, %d judged", st.Elements, judged)
	}
	for _, text := range []string{
		"AS396531 (Allegheny Technologies) leaks", "AS33154 (DQE Communications)", "AS701 (Verizon)", "104.20.0.0/21 at ",
		"nothing was said", "blind to it",
	} {
		if !strings.Contains(strings.Join(strings.Fields(screen), " "), text) {
			t.Errorf("the screen does not show %q:\n%s", text, screen)
		}
	}
	demoVictimHears(t, d)
}

// demoVictimHears wants each alert of AS13335's prefixes and no other, from its
// beginning to its end.
func demoVictimHears(t *testing.T, d *demoRun) {
	t.Helper()
	leaked := map[string]bool{}
	others := 0
	for e := range d.world.leak.Elements {
		switch {
		case !e.Bad:
		case e.Path[len(e.Path)-1] == demoBusy:
			leaked[e.Prefix.String()] = true
		default:
			others++
		}
	}
	v := d.victim
	if len(leaked) == 0 || others == 0 || len(v.first) != len(leaked) || v.foreign != 0 || len(v.firing) != 0 {
		t.Errorf("AS%v was told of %d prefixes, %d were leaked; %d messages of others, %d fire",
			demoBusy, len(v.first), len(leaked), v.foreign, len(v.firing))
	}
	for p, a := range v.first {
		if !leaked[p.String()] || a.ExpectedOrigin != demoBusy || a.Status != alert.StatusFiring {
			t.Errorf("told of %v: %+v", p, a)
		}
	}
	if v.last >= d.world.busy() || v.messages < uint64(2*len(leaked)) {
		t.Errorf("%d messages, the last at %v", v.messages, v.last)
	}
}

func TestDemoRefusesSizes(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--prefixes 100", "--prefixes is 100, must be from 20000 to 1500000"},
		{"--peers 1", "--peers is 1, must be from 3 to 100"},
		{"--shards 0", "--shards: "},
	} {
		var out, err bytes.Buffer
		code := run(append([]string{"demo"}, strings.Fields(c.args)...), strings.NewReader(""), &out, &err)
		if code != exitUsage || !strings.Contains(err.String(), c.want) || out.Len() > 0 {
			t.Errorf("%s: exit %d, %q, %q", c.args, code, err.String(), out.String())
		}
	}
}

func TestWrapKeepsWithinColumns(t *testing.T) {
	const text = "a bb  ccc averylongword d"
	for columns := 1; columns < 30; columns++ {
		lines := wrap(text, columns)
		if got := strings.Join(lines, " "); got != text {
			t.Errorf("%d columns: %q", columns, got)
		}
		for _, line := range lines {
			if len(line) > columns && strings.Contains(line, " ") {
				t.Errorf("%d columns: %q", columns, line)
			}
		}
	}
}

func TestOrdinals(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0th", 1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th",
		21: "21st", 112: "112th", 1003: "1,003rd",
	} {
		if got := ordinal(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

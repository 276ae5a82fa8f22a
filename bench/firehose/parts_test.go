package firehose

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/pprof/profile"

	"detour/internal/scenario/topo"
	"detour/route"
)

func TestScheduleIsDueWhateverHappened(t *testing.T) {
	for name, tc := range map[string]struct {
		rate  float64
		d     time.Duration
		burst time.Duration
	}{
		"idle":  {100, 10 * time.Second, 10 * time.Millisecond},
		"slow":  {1000, time.Second, time.Millisecond},
		"fast":  {64_000, 2 * time.Second, 500 * time.Microsecond},
		"silly": {0.1, time.Second, 10 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSchedule(tc.rate, 30, tc.d)
			if s.burst != tc.burst {
				t.Errorf("a burst every %v, want %v", s.burst, tc.burst)
			}
			if got, want := s.elements(s.steps), int(tc.rate*tc.d.Seconds()); got != want || s.at(s.steps) != tc.d {
				t.Errorf("%d elements by %v, want %d by %v", got, s.at(s.steps), want, tc.d)
			}
			if got, want := s.eventsBy(s.steps), int(30*tc.d.Seconds()); got != want {
				t.Errorf("%d events, want %d", got, want)
			}
			for step := 1; step <= s.steps; step++ {
				if s.elements(step) < s.elements(step-1) || s.at(step) != s.at(step-1)+s.burst {
					t.Fatalf("step %d falls behind the one before", step)
				}
			}
		})
	}
}

func TestTapeGivesBackWhatItWasGiven(t *testing.T) {
	g, err := topo.Generate(topo.Config{ASes: 1000}, 1)
	if err != nil {
		t.Fatal(err)
	}
	table, err := topo.NewTable(g, topo.TableConfig{Peers: 4, Prefixes4: 3000, Prefixes6: 500}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var tp tape
	table.Each(func(_ *route.Session, u *route.Update) bool { tp.add(u); return true })
	i, n := 0, 0
	table.Each(func(s *route.Session, u *route.Update) bool {
		var got route.Update
		if tp.fill(&got, i, table.Sessions()).ID != s.ID {
			t.Fatalf("update %d is of another peer", i)
		}
		want := *u
		got.Number, got.Engine, got.Collected = want.Number, want.Engine, want.Collected
		got.Flags |= route.FlagTableDump
		if d := cmp.Diff(want.Announced, got.Announced); d != "" || !cmp.Equal(want.Path.ASNs, got.Path.ASNs) ||
			want.Flags != got.Flags || want.NextHop != got.NextHop || want.MPNextHop != got.MPNextHop ||
			want.MPAnnounced != got.MPAnnounced {
			t.Fatalf("update %d: %+v, want %+v", i, got, want)
		}
		i++
		n += u.Elements()
		return true
	})
	if i != len(tp.parts) || n != tp.elements {
		t.Errorf("%d updates of %d elements, have %d of %d", i, n, len(tp.parts), tp.elements)
	}
	tp.add(&route.Update{Peer: 1, Withdrawn: tp.nlri[:3]})
	var got route.Update
	tp.fill(&got, i, table.Sessions())
	if len(got.Withdrawn) != 3 || len(got.Announced) != 0 || got.MPWithdrawn != 3 || got.Flags != 0 {
		t.Errorf("withdrawal: %+v", got)
	}
}

func TestFlagTime(t *testing.T) {
	line := `{"version":1,"time":"2026-01-02T03:04:05.000678Z","path_after":[1]}`
	got, ok := flagTime([]byte(line))
	if want := time.Date(2026, 1, 2, 3, 4, 5, 678_000, time.UTC); !ok || !got.Equal(want) {
		t.Errorf("got %v, %v", got, ok)
	}
	for _, bad := range []string{"", `{"time":"`, `{"time":"never"}`} {
		if _, ok := flagTime([]byte(bad)); ok {
			t.Errorf("%q has a time", bad)
		}
	}
}

func TestEventsAndAlertsMustBeOneToOne(t *testing.T) {
	e := &events{targets: make([]target, 2)}
	if e.begin(1) == nil || e.begin(2) == nil || e.begin(3) != nil {
		t.Fatal("there are two targets")
	}
	if due, ok := e.end(firstHijacker + 1); !ok || due != 2 {
		t.Errorf("due %v, %v", due, ok)
	}
	if e.check() == nil {
		t.Error("an alert is missing and nobody says so")
	}
	e.end(firstHijacker)
	if err := e.check(); err != nil {
		t.Error(err)
	}
	if _, ok := e.end(64500); ok {
		t.Error("a stranger's alert was taken for ours")
	}
	if _, ok := e.end(firstHijacker); ok || e.check() == nil {
		t.Error("an alert came twice and nobody says so")
	}
}

func TestLatencyBelongsToThePhaseInWhichItWasDue(t *testing.T) {
	var p phases
	p.observe(5, time.Second)
	first := p.begin(10)
	second := p.begin(20)
	p.observe(5, time.Second)
	p.observe(19, time.Second)
	p.observe(20, time.Second)
	p.observe(25, time.Second)
	if a, b := first.Distribution().Count, second.Distribution().Count; a != 1 || b != 2 {
		t.Errorf("%d in the first, %d in the second", a, b)
	}
}

func TestASampleBelongsToTheInnermostStage(t *testing.T) {
	const (
		eng    = "detour/processor.(*engine)."
		client = "github.com/nats-io/nats%2ego."
		server = "github.com/nats-io/nats-server/v2/server."
	)
	for name, tc := range map[string]struct {
		want  string
		stack []string // innermost first
	}{
		"memory for a flag":           {"flags", []string{"runtime.mallocgc", eng + "flagAs", eng + "tell", eng + "apply"}},
		"state":                       {"path state", []string{"detour/processor/rib.(*RIB).Announce", eng + "routes"}},
		"a system call of the client": {"NATS client", []string{"syscall.write", client + "(*Conn).flusher"}},
		"a package of the client":     {"NATS client", []string{"github.com/nats-io/nats.go/jetstream.New"}},
		"a write of the server":       {"NATS server", []string{"os.(*File).Write", server + "(*fileStore).flushLoop"}},
		"evidence":                    {"state evidence", []string{"detour/wire.(*RangeBuilder).Add", eng + "add"}},
		"judging":                     {"correlate", []string{"runtime.mapaccess1", "detour/processor/correlate.examine"}},
		"marking":                     {stageGC, []string{"runtime.scanobject", "runtime.gcDrain", "runtime.gcBgMarkWorker"}},
		"help with marking":           {stageGC, []string{"runtime.gcDrainN", "runtime.gcAssistAlloc", eng + "apply"}},
		"nothing to do":               {stageSched, []string{"runtime.futex", "runtime.findRunnable", "runtime.mcall"}},
		"the generator":               {"generator", []string{"detour/bench/firehose.(*tape).fill"}},
		"nobody":                      {stageOther, []string{"time.Now"}},
	} {
		s := &profile.Sample{Value: []int64{1, 10_000_000}}
		for _, fn := range tc.stack {
			line := profile.Line{Function: &profile.Function{Name: fn}}
			s.Location = append(s.Location, &profile.Location{Line: []profile.Line{line}})
		}
		p := &profile.Profile{
			SampleType: []*profile.ValueType{{Type: "samples"}, {Type: "cpu"}}, Sample: []*profile.Sample{s},
		}
		for _, stage := range attribute(p) {
			if want := stage.Name == tc.want; want != (stage.CPU == 10*time.Millisecond) {
				t.Errorf("%s: %s has %v, want all in %s", name, stage.Name, stage.CPU, tc.want)
			}
		}
	}
}

func TestEveryStageHasItsPlaceOnTheWay(t *testing.T) {
	known := map[string]bool{}
	for _, name := range stageNames() {
		known[name] = true
	}
	for _, s := range stageOf {
		if !known[s.stage] {
			t.Errorf("%s is of the stage %q, which is not listed", s.prefix, s.stage)
		}
	}
}

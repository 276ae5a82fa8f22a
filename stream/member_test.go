package stream

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"detour/internal/natstest"
)

func TestHeartbeatsAndCoverageComeBackAsTheyWereSent(t *testing.T) {
	nc, _ := natstest.Start(t)
	sub, err := nc.SubscribeSync("detour.v1.>")
	if err != nil {
		t.Fatal(err)
	}
	beat := &Heartbeat{
		Member: "p 1", Role: RoleProcess, Started: 7, Leaving: true,
		Units: []UnitState{{Unit: CorrelatorUnit, Sequence: 3, End: 4, Current: true}, {Unit: 2, Trouble: "reading"}},
	}
	cover := &Coverage{
		Member: "p 1", Sequence: 9, State: "learning", Reasons: []string{"young"},
		Collectors: []CollectorCoverage{{Collector: "rrc00", Peers: 3, Live: 2, Full4: 1, Heard: 5}},
		Ingesters:  []IngesterCoverage{{Ingester: "i", Silent: true, Since: 4}},
	}
	if err := PublishHeartbeat(nc, beat); err != nil {
		t.Fatal(err)
	}
	if err := PublishCoverage(nc, cover); err != nil {
		t.Fatal(err)
	}
	m, err := sub.NextMsg(time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	gotBeat, err := ParseHeartbeat(m.Subject, m.Data)
	if d := cmp.Diff(beat, gotBeat); err != nil || d != "" || m.Subject != "detour.v1.member.process.p_1" {
		t.Errorf("on %s, error %v, -want +got:\n%s", m.Subject, err, d)
	}
	if m, err = sub.NextMsg(time.Minute); err != nil {
		t.Fatal(err)
	}
	gotCover, err := ParseCoverage(m.Data)
	if d := cmp.Diff(cover, gotCover); err != nil || d != "" || m.Subject != CoverageSubject {
		t.Errorf("on %s, error %v, -want +got:\n%s", m.Subject, err, d)
	}
}

func TestHeartbeatsBeyondTheirBoundsAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"no member":      `{"role":"process"}`,
		"another member": `{"member":"b","role":"process"}`,
		"another role":   `{"member":"a","role":"ingest"}`,
		"long name":      `{"member":"` + strings.Repeat("x", maxMemberName+1) + `"}`,
		"no such unit":   `{"member":"a","role":"process","units":[{"unit":64}]}`,
		"below all":      `{"member":"a","role":"process","units":[{"unit":-2}]}`,
		"too many units": `{"member":"a","role":"process","units":[` + strings.Repeat(`{},`, maxHeartbeatUnits) + `{}]}`,
		"too long":       `{"member":"a","role":"process","source":"` + strings.Repeat("x", maxHeartbeat) + `"}`,
		"not JSON":       "member",
	} {
		if h, err := ParseHeartbeat(MemberSubject(RoleProcess, "a"), []byte(text)); err == nil {
			t.Errorf("%s: %+v", name, h)
		}
	}
}

func FuzzParseMember(f *testing.F) {
	f.Add([]byte(`{"member":"a","role":"process","units":[{"unit":-1,"sequence":3,"end":4}]}`))
	f.Add([]byte(`{"state":"complete","collectors":[{"collector":"rrc00","heard":1}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if h, err := ParseHeartbeat(MemberSubject(RoleProcess, "a"), data); err == nil && h.Member == "" {
			t.Error("a heartbeat of nobody")
		}
		if c, err := ParseCoverage(data); err == nil && len(c.Collectors) > maxCollectors {
			t.Error("a coverage beyond its bound")
		}
	})
}

func TestAPositionThatNobodyCanHearIsNoError(t *testing.T) {
	server := natstest.StartServer(t)
	nc, _ := server.Connect(t, nats.ReconnectBufSize(-1))
	r := NewPositionReporter(nc, "p", 0)
	server.Stop()
	for nc.IsConnected() {
		time.Sleep(time.Millisecond) // sleep: the client notices on its own
	}
	if err := r.Report(1, time.Now()); err != nil {
		t.Errorf("without a connection: %v", err)
	}
	nc.Close()
	if err := r.Report(2, time.Now().Add(time.Hour)); err == nil {
		t.Error("a closed connection is no error")
	}
}

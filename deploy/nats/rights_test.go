package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
)

// rights says who may do what; everybody else may not. The subjects are those
// that detour and the clients of JetStream really use.
var rights = []struct {
	subject   string
	publish   string // roles
	subscribe string
}{
	{"detour.v1.updates.1", "ingest run", "admin"},
	{"detour.v1.evidence.1", "process run", "admin"},
	{"detour.v1.alert.incident.leak.1", "process run", "admin subscriber"},
	{"detour.v1.flag.leak.1", "process run", "admin subscriber"},
	{"detour.v1.position.1", "process run", "admin ingest run"},
	{"detour.v1.member.ingest.a", "ingest run", "admin process run"},
	{"detour.v1.member.process.a", "process run", "admin process run"},
	{"detour.v1.coverage", "process run", "admin process run"},
	{"detour.v1.peers", "process run", "admin"},
	{"detour.v1.quarantine.1", "process run", "admin"},
	{"detour.v1.else", "", "admin"},
	{"detour.v2.updates.1", "", ""},
	{"else", "", ""},
	{">", "", ""},
	{"$SYS.REQ.SERVER.PING", "", ""},
	{"$KV.DETOUR.shard-1", "process run", ""},
	{"$KV.ELSE.shard-1", "", ""},
	{"$O.DETOUR_CHECKPOINTS.C.x", "process run", ""},
	{"$O.DETOUR_CHECKPOINTS.M.x", "process run", ""},
	{"$O.ELSE.M.x", "", ""},
	{"_INBOX_detour_admin.x", "", "admin"},
	{"_INBOX_detour_ingest.x", "", "ingest"},
	{"_INBOX_detour_process.x", "", "process"},
	{"_INBOX_detour_sink.x", "", "sink"},
	{"_INBOX_detour_run.x", "", "run"},
	{"_INBOX_detour_subscriber.x", "", "subscriber"},
	{"_INBOX.x", "", ""},

	{"$JS.API.INFO", "admin ingest process run sink", ""},
	{"$JS.API.STREAM.NAMES", "admin", ""},
	{"$JS.API.STREAM.INFO.DETOUR_UPDATES_1", "admin ingest process run sink", ""},
	{"$JS.API.STREAM.INFO.DETOUR_ALERTS", "admin ingest process run sink subscriber", ""},
	{"$JS.ACK.DETOUR_ALERTS.c.1.1.1.1.1", "admin run sink", ""},
	{"$JS.ACK.DETOUR_UPDATES_1.c.1.1.1.1.1", "admin", ""},
	{"$JS.SNAPSHOT.ACK.x", "admin", ""},
	{"$JS.EVENT.ADVISORY.x", "", "admin"},
}

// streamRights is the same for the requests about each stream.
var streamRights = []struct {
	request string // %s is the stream
	updates string
	alerts  string
	others  map[string]string // by stream
}{
	{"STREAM.CREATE.%s", "admin", "admin", nil},
	{"STREAM.UPDATE.%s", "admin", "admin", nil},
	{"STREAM.DELETE.%s", "admin", "admin", nil},
	{"STREAM.PURGE.%s", "admin", "admin", map[string]string{"OBJ_DETOUR_CHECKPOINTS": "admin process run"}},
	{"STREAM.MSG.DELETE.%s", "admin", "admin", nil},
	{"STREAM.MSG.GET.%s", "admin", "admin", nil},
	{"STREAM.SNAPSHOT.%s", "admin", "admin", nil},
	{"STREAM.LEADER.STEPDOWN.%s", "admin", "admin", nil},
	{"DIRECT.GET.%s", "admin ingest run", "admin process run subscriber", map[string]string{
		"OBJ_DETOUR_CHECKPOINTS": "admin process run",
	}},
	{"DIRECT.GET.%s.x", "admin", "admin process run subscriber", map[string]string{"KV_DETOUR": "admin process run"}},
	{"CONSUMER.CREATE.%s.c", "admin process run", "admin process run sink", map[string]string{
		"DETOUR_EVIDENCE": "admin process run",
	}},
	{"CONSUMER.DURABLE.CREATE.%s.c", "admin", "admin", nil},
	{"CONSUMER.MSG.NEXT.%s.c", "admin process run", "admin process run sink", map[string]string{
		"DETOUR_EVIDENCE": "admin process run",
	}},
	{"CONSUMER.INFO.%s.c", "admin", "admin run sink", nil},
	{"CONSUMER.DELETE.%s.c", "admin", "admin", nil},
}

var testStreams = []string{
	"DETOUR_UPDATES_1", "DETOUR_EVIDENCE", "DETOUR_ALERTS", "KV_DETOUR", "OBJ_DETOUR_CHECKPOINTS", "ELSE",
}

// roleRights tries every right as every role, allowed or not. The role sys is
// in an account of its own: all is allowed there and nothing is detour's.
func roleRights(t *testing.T, c *cluster) {
	for _, role := range roles {
		if role == "sys" {
			continue
		}
		t.Run(role, func(t *testing.T) {
			nc, _ := c.connect(t, role)
			for _, r := range rights {
				if r.subject != ">" {
					publish(t, nc, r.subject, may(role, r.publish))
				}
				subscribe(t, nc, r.subject, may(role, r.subscribe))
			}
			for _, r := range streamRights {
				for _, name := range testStreams {
					subject := "$JS.API." + fmt.Sprintf(r.request, name)
					publish(t, nc, subject, may(role, allowedOn(name, r.updates, r.alerts, r.others)))
				}
			}
		})
	}
}

func may(role, allowed string) bool { return slices.Contains(strings.Fields(allowed), role) }

func allowedOn(name, updates, alerts string, others map[string]string) string {
	switch allowed, ok := others[name]; {
	case ok:
		return allowed
	case name == "DETOUR_UPDATES_1":
		return updates
	case name == "DETOUR_ALERTS":
		return alerts
	}
	return "admin"
}

// publish sends what no request takes, so that nothing changes where it is
// allowed.
func publish(t *testing.T, nc *nats.Conn, subject string, allowed bool) {
	t.Helper()
	if err := nc.Publish(subject, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if denied := violates(t, nc, "Publish", subject); denied == allowed {
		t.Errorf("publish %s: denied %v, want %v", subject, denied, !allowed)
	}
}

func subscribe(t *testing.T, nc *nats.Conn, subject string, allowed bool) {
	t.Helper()
	sub, err := nc.SubscribeSync(subject)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Unsubscribe() //nolint:errcheck // the server may have refused it
	if denied := violates(t, nc, "Subscription", subject); denied == allowed {
		t.Errorf("subscribe %s: denied %v, want %v", subject, denied, !allowed)
	}
}

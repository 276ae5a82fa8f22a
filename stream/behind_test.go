package stream

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"
)

func TestCopiesThatCouldNotTakeOver(t *testing.T) {
	for _, tc := range []struct {
		name string
		in   *jetstream.ClusterInfo
		want []string
	}{
		{"a single server", nil, nil},
		{"all current", &jetstream.ClusterInfo{Leader: "n1", Replicas: []*jetstream.PeerInfo{
			{Name: "n2", Current: true},
		}}, nil},
		{"no leader", &jetstream.ClusterInfo{}, []string{"no leader"}},
		{"one gone, one behind", &jetstream.ClusterInfo{Leader: "n1", Replicas: []*jetstream.PeerInfo{
			{Name: "n2", Offline: true, Active: 61*time.Second + time.Millisecond}, {Name: "n3", Lag: 7},
		}}, []string{"replica on n2 is offline, last seen 1m1s ago", "replica on n3 is 7 operations behind"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, behind(tc.in)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

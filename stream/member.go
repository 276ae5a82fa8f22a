package stream

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// AllMembers is where processors and ingesters tell that they live.
const AllMembers = "detour.v1.member.*.*"

// HeartbeatEvery is the time between two heartbeats of a member. A member that
// was not heard of for MemberDead is taken for dead by the others.
const (
	HeartbeatEvery = 100 * time.Millisecond
	MemberDead     = time.Second
)

// Bounds of a heartbeat. One that exceeds them is refused.
const (
	maxHeartbeat      = 64 << 10
	maxHeartbeatUnits = MaxShards + 1
)

// Role is what a member does.
type Role string

// Roles of members.
const (
	RoleIngest  Role = "ingest"
	RoleProcess Role = "process"
)

// CorrelatorUnit is the number of the unit that judges; the shards are 0 and up.
const CorrelatorUnit = -1

// Heartbeat is what a member tells of itself, as JSON on core NATS.
type Heartbeat struct {
	Member  string `json:"member"`
	Role    Role   `json:"role"`
	Started int64  `json:"started"` // microseconds since 1970 by its clock; another value is another life
	Leaving bool   `json:"leaving,omitempty"`
	Goodbye bool   `json:"goodbye,omitempty"` // the last one
	// Units are what a processor runs.
	Units []UnitState `json:"units,omitempty"`
	// Source says what an ingester reads and how it fares, for people.
	Source string `json:"source,omitempty"`
}

// UnitState is how far a member is with a unit.
type UnitState struct {
	Unit     int    `json:"unit"`     // a shard's number, or CorrelatorUnit
	Sequence uint64 `json:"sequence"` // of the last message handled
	End      uint64 `json:"end"`      // of the last message that is known to be stored
	// Current says that it is at the log's end, or within a fifth of a second.
	Current bool `json:"current,omitempty"`
	// Trouble is what it waits for, "" when all is well.
	Trouble string `json:"trouble,omitempty"`
	// Failed says that the trouble is an error, after which it begins anew.
	Failed bool `json:"failed,omitempty"`
}

// UnitName is a unit's name in messages and in checkpoints.
func UnitName(unit int) string {
	if unit == CorrelatorUnit {
		return "correlator"
	}
	return fmt.Sprintf("shard-%d", unit)
}

// MemberSubject returns the subject of a member's heartbeats. The role stands in it,
// so that NATS can keep who may be one from posing as the other.
func MemberSubject(role Role, name string) string {
	return "detour.v1.member." + token(string(role)) + "." + token(name)
}

// PublishHeartbeat tells h once. Nothing is lost when nobody listens.
func PublishHeartbeat(nc *nats.Conn, h *Heartbeat) error {
	data, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("encode heartbeat: %w", err)
	}
	if err := nc.Publish(MemberSubject(h.Role, h.Member), data); err != nil {
		return fmt.Errorf("publish heartbeat: %w", err)
	}
	return nil
}

// ParseHeartbeat reads what PublishHeartbeat has sent on a subject.
func ParseHeartbeat(subject string, data []byte) (*Heartbeat, error) {
	if len(data) > maxHeartbeat {
		return nil, fmt.Errorf("parse heartbeat: %d octets, at most %d are read", len(data), maxHeartbeat)
	}
	var h Heartbeat
	if err := json.Unmarshal(data, &h); err != nil {
		return nil, fmt.Errorf("parse heartbeat: %w", err)
	}
	if h.Member == "" || len(h.Member) > maxMemberName || len(h.Units) > maxHeartbeatUnits {
		return nil, fmt.Errorf("parse heartbeat: member %.20q with %d units", h.Member, len(h.Units))
	}
	if own := MemberSubject(h.Role, h.Member); subject != own {
		return nil, fmt.Errorf("parse heartbeat: it is of %.80s, but came on %.80s", own, subject)
	}
	for _, u := range h.Units {
		if u.Unit < CorrelatorUnit || u.Unit >= MaxShards {
			return nil, fmt.Errorf("parse heartbeat: unit %d of member %.20q", u.Unit, h.Member)
		}
	}
	return &h, nil
}

package stream

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// How often a position is told: after this many frames, after a while if there
// were some, and at least each second, so that a reporter that fell silent is
// noticed. A few frames are no lag that anybody has to wait for.
const (
	positionFrames = 256
	positionSome   = 16
	positionEvery  = 100 * time.Millisecond
	positionAlive  = time.Second
)

// Position says how far a processor has read a shard's stream. It is sent as
// JSON on PositionSubject, on core NATS.
type Position struct {
	Member   string `json:"member"`
	Shard    int    `json:"shard"`
	Sequence uint64 `json:"sequence"` // of the last frame applied; 0 none yet
}

// PublishPosition tells p once. Nothing is lost when nobody listens.
func PublishPosition(nc *nats.Conn, p Position) error {
	data, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode position: %w", err)
	}
	if err := nc.Publish(PositionSubject(p.Shard), data); err != nil {
		return fmt.Errorf("publish position: %w", err)
	}
	return nil
}

// maxMemberName bounds the names that a listener keeps, in octets.
const maxMemberName = 128

// ParsePosition reads what PublishPosition has sent.
func ParsePosition(data []byte) (Position, error) {
	var p Position
	if err := json.Unmarshal(data, &p); err != nil {
		return Position{}, fmt.Errorf("parse position: %w", err)
	}
	if p.Shard < 0 || p.Shard >= MaxShards || len(p.Member) > maxMemberName {
		return Position{}, fmt.Errorf("parse position: shard %d of member %.20q", p.Shard, p.Member)
	}
	return p, nil
}

// PositionReporter tells a processor's position often enough, and not more. One
// goroutine owns it.
type PositionReporter struct {
	nc     *nats.Conn
	told   Position
	at     time.Time // of the last telling
	frames int       // since then
}

// NewPositionReporter returns a reporter for one shard of a processor.
func NewPositionReporter(nc *nats.Conn, member string, shard int) *PositionReporter {
	return &PositionReporter{nc: nc, told: Position{Member: member, Shard: shard}}
}

// Report is called after each frame, and now and then without one, with the
// position and the time. It publishes when that is due. Only a connection that is
// closed for good is an error: while there is none, nobody could listen.
func (r *PositionReporter) Report(sequence uint64, now time.Time) error {
	if sequence != r.told.Sequence {
		r.frames++
	}
	quiet := now.Sub(r.at)
	due := r.frames >= positionFrames || quiet >= positionAlive || r.frames >= positionSome && quiet >= positionEvery
	if !due {
		return nil
	}
	r.told.Sequence, r.at, r.frames = sequence, now, 0
	if err := PublishPosition(r.nc, r.told); err != nil && r.nc.IsClosed() {
		return err
	}
	return nil
}

package processor

import (
	"encoding/json"
	"slices"
	"time"

	"detour/stream"
)

// Bounds of what is told of frames in quarantine to whoever listens: one a second,
// of each so many octets.
const (
	quarantineEvery = time.Second
	quarantineTold  = 64 << 10
)

// quarantineNews is a frame in quarantine as it is told on core NATS.
type quarantineNews struct {
	Shard    int    `json:"shard"`
	Sequence uint64 `json:"sequence"`
	Ingester string `json:"ingester"`
	Reason   string `json:"reason"`
	Size     int    `json:"size"`
	Data     []byte `json:"data"` // its first octets
}

// Quarantine returns the last frames that were not applied, or not to their end,
// oldest first. Its memory is not written to any more. Any goroutine may call it.
func (s *Shard) Quarantine() []Quarantined {
	if list := s.quarantined.Load(); list != nil {
		return *list
	}
	return nil
}

// tellQuarantine shows what is new in quarantine to others, and logs and publishes
// some of it. err says why the frame at hand was not applied.
func (s *Shard) tellQuarantine(err error) {
	q := &s.engine.quarantine
	if q.total == s.quarantineOld {
		return
	}
	s.quarantineOld = q.total
	list := slices.Clone(q.list)
	s.quarantined.Store(&list)
	now := time.Now()
	if now.Sub(s.quarantineAt) < quarantineEvery {
		return
	}
	s.quarantineAt = now
	last := &list[len(list)-1]
	s.deps.log().Warn("frame in quarantine", "shard", s.cfg.Shard, "sequence", last.Sequence,
		"ingester", last.Ingester, "reason", last.Reason, "err", err, "so_far", q.total)
	news := quarantineNews{
		Shard: s.cfg.Shard, Sequence: last.Sequence, Ingester: last.Ingester, Reason: last.Reason,
		Size: last.Size, Data: last.Data[:min(len(last.Data), quarantineTold)],
	}
	data, err := json.Marshal(&news)
	if err != nil {
		s.deps.log().Error("tell of a frame in quarantine", "err", err)
		return
	}
	// Without a connection the reader will notice, too.
	s.deps.Conn.Publish(stream.QuarantineSubject(s.cfg.Shard), data) //nolint:errcheck // see above
}

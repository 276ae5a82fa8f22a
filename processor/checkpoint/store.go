package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// DefaultPatience outlasts an election of JetStream (4 to 9 seconds).
const DefaultPatience = 15 * time.Second

// Config says where checkpoints are kept.
type Config struct {
	// Dir holds a folder of each member that runs here; empty keeps none on disk.
	Dir string
	// Member names this process.
	Member string
	// Replicas of the buckets; 0 is 1.
	Replicas int
	// MaxBytes bounds the bucket of objects; 0 does not. While one is written
	// there are three of a unit.
	MaxBytes int64
	// OldestFormat to NewestFormat are the formats of bodies that Load may return.
	OldestFormat, NewestFormat uint32
	// Patience is how long one request to NATS is repeated; 0 is DefaultPatience.
	Patience time.Duration
}

// Deps are what a Store works with.
type Deps struct {
	JS  jetstream.JetStream // nil keeps checkpoints on disk only
	Log *slog.Logger
}

// Store keeps checkpoints. Its methods may be called from several goroutines.
type Store struct {
	cfg    Config
	log    *slog.Logger
	disk   folder
	broker broker
}

// New returns a Store that has touched nothing yet.
func New(cfg Config, deps Deps) (*Store, error) {
	switch {
	case cfg.Dir == "" && deps.JS == nil:
		return nil, errors.New("checkpoints need a folder or NATS to be kept in")
	case cfg.Member == "":
		return nil, errors.New("checkpoints need the name of the member that makes them")
	case checkMember(cfg.Member) != nil:
		return nil, checkMember(cfg.Member)
	case cfg.OldestFormat > cfg.NewestFormat || cfg.NewestFormat-cfg.OldestFormat >= maxFormats:
		return nil, fmt.Errorf("formats %d to %d are none or more than %d", cfg.OldestFormat, cfg.NewestFormat, maxFormats)
	case cfg.MaxBytes < 0 || cfg.Replicas < 0 || cfg.Patience < 0:
		return nil, errors.New("replicas, bytes and patience cannot be negative")
	}
	if cfg.Replicas == 0 {
		cfg.Replicas = 1
	}
	if cfg.Patience == 0 {
		cfg.Patience = DefaultPatience
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Store{
		cfg:    cfg,
		log:    deps.Log,
		disk:   memberFolder(cfg.Dir, cfg.Member),
		broker: broker{deps.JS, cfg.Patience},
	}, nil
}

// maxFormats bounds the keys that Load asks for.
const maxFormats = 16

func (s *Store) hasDisk() bool { return s.cfg.Dir != "" }

// Save writes a checkpoint to disk, then to the object store, then moves the
// pointer. A place that fails does not keep the next from being tried; the error
// is then a *SaveError. A checkpoint that is not newer than what a place has is
// no error and changes nothing there. Save sets Member, and Made where it is
// zero. It holds the compressed body in memory and leaves body alone.
func (s *Store) Save(ctx context.Context, m Meta, body []byte) error {
	m.Member = s.cfg.Member
	if m.Made.IsZero() {
		m.Made = time.Now()
	}
	m = m.plain()
	if err := m.check(); err != nil {
		return fmt.Errorf("save checkpoint: %w", err)
	}
	sealed, err := seal(m, body)
	if err != nil {
		return fmt.Errorf("save checkpoint of %s: %w", m.Unit, err)
	}
	failed := &SaveError{Unit: m.Unit}
	if s.hasDisk() {
		if err := s.disk.write(m, sealed); err != nil {
			failed.Problems = append(failed.Problems, Problem{Disk, s.disk.dir, err})
		} else {
			failed.Written = append(failed.Written, Disk)
		}
	}
	if s.broker.js != nil {
		if p := s.saveRemote(ctx, m, sealed); p != nil {
			failed.Problems = append(failed.Problems, *p)
		} else {
			failed.Written = append(failed.Written, Objects)
		}
	}
	if len(failed.Problems) > 0 {
		return failed
	}
	return nil
}

func (s *Store) saveRemote(ctx context.Context, m Meta, sealed *sealed) *Problem {
	key := pointerKey(m.Unit, m.Format)
	kv, err := s.broker.keys(ctx)
	if err != nil {
		return &Problem{Pointer, KeyBucket, err}
	}
	// Asked before as well, so that no large object is written for nothing.
	now, _, err := s.broker.readPointer(ctx, kv, m.Unit, m.Format, 1)
	if err != nil && !errors.Is(err, ErrDamaged) {
		return &Problem{Pointer, key, err}
	}
	if now.supersedes(m) {
		s.log.Debug("a newer checkpoint is stored", "unit", m.Unit, "sequence", m.Sequence)
		return nil
	}
	e := entry{Object: newObjectName(m), Bytes: sealed.size(), Meta: m}
	if err := s.broker.put(ctx, e.Object, sealed); err != nil {
		return &Problem{Objects, e.Object, err} // what came through is swept later
	}
	now, dropped, err := s.broker.movePointer(ctx, kv, e)
	if err != nil {
		return &Problem{Pointer, key, err}
	}
	if !now.has(e.Object) {
		dropped = append(dropped, e.Object)
	}
	keep := map[string]bool{}
	for _, k := range now.Kept {
		keep[k.Object] = true
	}
	if err := s.broker.sweep(ctx, m, dropped, keep); err != nil {
		s.log.Warn("old checkpoints stay in the object store", "unit", m.Unit, "error", err)
	}
	return nil
}

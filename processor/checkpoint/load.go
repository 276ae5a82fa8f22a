package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// ErrNone is wrapped by Load's error where no checkpoint can be used.
var ErrNone = errors.New("no checkpoint can be used")

// Load returns the newest checkpoint of a unit that is whole, of a known format
// and accepted (accept may be nil); a file before an object of the same age.
// Problems are about those that were newer or equal and were passed over, and
// about places that could not be asked. The error is ErrNone or the context's.
func (s *Store) Load(ctx context.Context, unit string, accept func(Meta) error) (Meta, []byte, []Problem, error) {
	if !unitName.MatchString(unit) {
		return Meta{}, nil, nil, fmt.Errorf("load checkpoint: %w", Meta{Unit: unit}.check())
	}
	if accept == nil {
		accept = func(Meta) error { return nil }
	}
	var problems []Problem
	for range 2 {
		var all []candidate
		all, problems = s.candidates(ctx, unit)
		outrun := false // a pointer's objects went while they were to be read
		for _, c := range all {
			m, body, err := c.load(ctx, accept)
			if err == nil {
				return m, body, problems, nil
			}
			problems = append(problems, Problem{c.place, c.name, err})
			outrun = outrun || isAbsent(err)
		}
		if err := ctx.Err(); err != nil {
			return Meta{}, nil, problems, fmt.Errorf("load checkpoint of %s: %w", unit, err)
		}
		if !outrun {
			break
		}
	}
	return Meta{}, nil, problems, fmt.Errorf("load checkpoint of %s: %w", unit, ErrNone)
}

// candidate is a checkpoint as its name or its pointer tells of it.
type candidate struct {
	place Place
	name  string
	meta  Meta // of a file only what its name says
	read  func(context.Context) ([]byte, error)
	fits  func(Meta) bool // whether a header belongs to the name or pointer
}

func (c candidate) load(ctx context.Context, accept func(Meta) error) (Meta, []byte, error) {
	known := c.place == Objects // a pointer has the whole header: judge it before reading
	if known {
		if err := accept(c.meta); err != nil {
			return Meta{}, nil, fmt.Errorf("not accepted: %w", err)
		}
	}
	data, err := c.read(ctx)
	if err != nil {
		return Meta{}, nil, err
	}
	h, packed, err := parse(data)
	if err != nil {
		return Meta{}, nil, err
	}
	if !c.fits(h.Meta) {
		return Meta{}, nil, fmt.Errorf("%w: it holds %s, format %d, sequence %d of the stream of %s, made by %s at %s",
			ErrDamaged, h.Unit, h.Format, h.Sequence, h.StreamCreated.Format(time.RFC3339Nano),
			h.Member, h.Made.Format(time.RFC3339Nano))
	}
	if !known {
		if err := accept(h.Meta); err != nil {
			return Meta{}, nil, fmt.Errorf("not accepted: %w", err)
		}
	}
	body, err := unpack(h, packed)
	return h.Meta, body, err
}

// candidates lists what may be loaded, best first.
func (s *Store) candidates(ctx context.Context, unit string) (all []candidate, problems []Problem) {
	if s.hasDisk() {
		files, p := s.files(unit)
		all, problems = append(all, files...), append(problems, p...)
	}
	if s.broker.js != nil {
		objects, p := s.objects(ctx, unit)
		all, problems = append(all, objects...), append(problems, p...)
	}
	// Stable, so that files stay in front.
	slices.SortStableFunc(all, func(a, b candidate) int { return b.meta.compare(a.meta) })
	return all, problems
}

func (s *Store) known(format uint32) error {
	if format < s.cfg.OldestFormat || format > s.cfg.NewestFormat {
		return fmt.Errorf("%w: format %d, known are %d to %d", ErrUnknown, format, s.cfg.OldestFormat, s.cfg.NewestFormat)
	}
	return nil
}

func (s *Store) files(unit string) (all []candidate, problems []Problem) {
	files, err := s.disk.list(unit)
	if err != nil {
		return nil, []Problem{{Disk, s.disk.dir, err}}
	}
	for _, f := range files {
		path := filepath.Join(s.disk.dir, f.name)
		if err := s.known(f.format); err != nil {
			problems = append(problems, Problem{Disk, path, err})
			continue
		}
		all = append(all, candidate{
			place: Disk, name: path,
			meta: Meta{Unit: f.unit, Format: f.format, StreamCreated: time.UnixMicro(f.created), Sequence: f.sequence},
			read: func(context.Context) ([]byte, error) { return s.disk.read(f) },
			fits: func(m Meta) bool { return fileName(m) == f.name },
		})
	}
	return all, problems
}

func (s *Store) objects(ctx context.Context, unit string) (all []candidate, problems []Problem) {
	kv, err := s.broker.keys(ctx)
	if err != nil {
		return nil, []Problem{{Pointer, KeyBucket, err}}
	}
	formats, err := s.broker.formats(ctx, unit)
	if err != nil {
		problems = append(problems, Problem{Pointer, keyPrefix(unit) + "*", err})
		for f := s.cfg.OldestFormat; ; f++ { // ask for those that could be used
			if formats = append(formats, f); f == s.cfg.NewestFormat {
				break
			}
		}
	}
	for _, format := range formats {
		key := pointerKey(unit, format)
		err := s.known(format)
		var p pointer
		if err == nil {
			p, _, err = s.broker.readPointer(ctx, kv, unit, format, absentTries)
		}
		if err != nil {
			problems = append(problems, Problem{Pointer, key, err})
		}
		for _, e := range p.Kept {
			all = append(all, candidate{
				place: Objects, name: e.Object, meta: e.Meta, fits: e.Meta.same,
				read: func(ctx context.Context) ([]byte, error) { return s.broker.get(ctx, e.Object, e.Bytes) },
			})
		}
	}
	return all, problems
}

// keySubjects are those of the bucket of pointers.
const keySubjects = "$KV." + KeyBucket + "."

// formats returns the formats of which the unit has a pointer.
func (b *broker) formats(ctx context.Context, unit string) (formats []uint32, err error) {
	st, err := b.stream(ctx, keyStream)
	if err != nil {
		return nil, err
	}
	prefix := keySubjects + keyPrefix(unit) + "f"
	var info *jetstream.StreamInfo
	err = b.try(ctx, func(ctx context.Context) (err error) {
		info, err = st.Info(ctx, jetstream.WithSubjectFilter(keySubjects+keyPrefix(unit)+"*"))
		return err
	})
	if err != nil {
		return nil, err
	}
	for subject := range info.State.Subjects {
		f, err := strconv.ParseUint(strings.TrimPrefix(subject, prefix), 10, 32)
		if err == nil && prefix+strconv.FormatUint(f, 10) == subject {
			formats = append(formats, uint32(f))
		}
	}
	slices.Sort(formats)
	return formats, nil
}

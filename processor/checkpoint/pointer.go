package checkpoint

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"detour/internal/pause"

	"github.com/nats-io/nats.go/jetstream"
)

// pointer is what the key of a unit and format holds: the newest objects, newest
// first. It never goes back.
type pointer struct {
	Version int     `json:"version"`
	Kept    []entry `json:"kept"`
}

// entry names an object and repeats its header, so that a reader can judge it
// before it reads it.
type entry struct {
	Object string `json:"object"`
	Bytes  int64  `json:"bytes"`
	Meta   Meta   `json:"meta"`
}

const pointerVersion = 1

func keyPrefix(unit string) string { return "checkpoint." + unit + "." }

func pointerKey(unit string, format uint32) string {
	return keyPrefix(unit) + "f" + strconv.FormatUint(uint64(format), 10)
}

func parsePointer(text []byte, unit string, format uint32) (p pointer, err error) {
	// A newer version may have other fields, so only the number is read first.
	var v struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(text, &v); err != nil {
		return pointer{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if v.Version > pointerVersion {
		return pointer{}, fmt.Errorf("%w: pointer version %d, known is %d", ErrUnknown, v.Version, pointerVersion)
	}
	if err := json.Unmarshal(text, &p); err != nil {
		return pointer{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if v.Version < 1 || len(p.Kept) == 0 || len(p.Kept) > kept {
		return pointer{}, fmt.Errorf("%w: version %d with %d entries", ErrDamaged, v.Version, len(p.Kept))
	}
	for _, e := range p.Kept {
		if e.Meta.check() != nil || e.Meta.Unit != unit || e.Meta.Format != format ||
			!strings.HasPrefix(e.Object, objectPrefix(e.Meta)) || strings.ContainsAny(e.Object, " .*>\r\n\t") {
			return pointer{}, fmt.Errorf("%w: it names object %q of %s, format %d",
				ErrDamaged, e.Object, e.Meta.Unit, e.Meta.Format)
		}
	}
	return p, nil
}

// with puts an entry in front and returns the names that fall out.
func (p pointer) with(e entry) (next pointer, dropped []string) {
	all := append([]entry{e}, p.Kept...)
	for _, out := range all[min(kept, len(all)):] {
		dropped = append(dropped, out.Object)
	}
	return pointer{pointerVersion, all[:min(kept, len(all))]}, dropped
}

func (p pointer) has(object string) bool {
	return slices.ContainsFunc(p.Kept, func(e entry) bool { return e.Object == object })
}

// supersedes tells whether m would bring nothing new.
func (p pointer) supersedes(m Meta) bool { return len(p.Kept) > 0 && p.Kept[0].Meta.compare(m) >= 0 }

func (b *broker) keys(ctx context.Context) (kv jetstream.KeyValue, err error) {
	err = b.try(ctx, func(ctx context.Context) (err error) {
		kv, err = b.js.KeyValue(ctx, KeyBucket)
		return err
	})
	return kv, err
}

// readPointer returns the pointer and its revision, which is 0 where there is
// none after so many tries. A damaged pointer is an error beside its revision.
func (b *broker) readPointer(
	ctx context.Context, kv jetstream.KeyValue, unit string, format uint32, tries int,
) (p pointer, revision uint64, err error) {
	var e jetstream.KeyValueEntry
	err = b.tryAbsent(ctx, tries, func(ctx context.Context) (err error) {
		e, err = kv.Get(ctx, pointerKey(unit, format))
		return err
	})
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound):
		return pointer{}, 0, nil
	case err != nil:
		return pointer{}, 0, err
	}
	p, err = parsePointer(e.Value(), unit, format)
	return p, e.Revision(), err
}

// casTries bounds the rounds of movePointer. Each lost round means that another
// process has moved the pointer, or that a replica's answer was old.
const (
	casTries = 50
	casPause = 20 * time.Millisecond
)

// movePointer puts e in front. It returns the pointer as it stands then, which
// does not have e where a newer one was there, and what fell out of it.
func (b *broker) movePointer(
	ctx context.Context, kv jetstream.KeyValue, e entry,
) (now pointer, dropped []string, err error) {
	key := pointerKey(e.Meta.Unit, e.Meta.Format)
	for range casTries {
		p, revision, err := b.readPointer(ctx, kv, e.Meta.Unit, e.Meta.Format, 1)
		if err != nil && !errors.Is(err, ErrDamaged) { // a damaged one is replaced
			return pointer{}, nil, err
		}
		if p.supersedes(e.Meta) { // perhaps by itself: an update may have come through without its answer
			return p, nil, nil
		}
		next, dropped := p.with(e)
		text, err := json.Marshal(next)
		if err != nil {
			return pointer{}, nil, err
		}
		err = b.try(ctx, func(ctx context.Context) error {
			if revision == 0 {
				_, err := kv.Create(ctx, key, text)
				return err
			}
			_, err := kv.Update(ctx, key, text, revision)
			return err
		})
		if !isConflict(err) {
			return next, dropped, err
		}
		if err := pause.For(ctx, casPause); err != nil {
			return pointer{}, nil, err
		}
	}
	return pointer{}, nil, fmt.Errorf("another process was quicker %d times", casTries)
}

func isConflict(err error) bool {
	return errors.Is(err, jetstream.ErrKeyExists) || errors.Is(err, jetstream.ErrKeyRevisionMismatch)
}

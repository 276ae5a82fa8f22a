package checkpoint

import (
	"cmp"
	"fmt"
	"regexp"
	"time"
	"unicode/utf8"

	"detour/route"
)

// Meta says what a checkpoint is of. Everything but Member and Made comes from
// the state itself.
type Meta struct {
	Unit   string `json:"unit"`   // "shard-3", "correlator"
	Format uint32 `json:"format"` // of the body
	Shards int    `json:"shards"` // of the deployment
	// StreamCreated and Sequence name the last message that the state holds; a
	// stream that was deleted and made again counts from one.
	StreamCreated time.Time  `json:"stream_created"`
	Sequence      uint64     `json:"sequence"`
	Engine        route.Time `json:"engine"`
	Elements      uint64     `json:"elements"` // applied since the state began
	Member        string     `json:"member"`   // who made it
	Made          time.Time  `json:"made"`     // by its clock; for people only
}

// unitName keeps names fit for files, keys and subjects. It has no underscore,
// which parts the fields of names here.
var unitName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// check reports what makes a Meta unfit for a name or a header.
func (m Meta) check() error {
	switch {
	case !unitName.MatchString(m.Unit):
		return fmt.Errorf("unit %q must be 1 to 63 of a-z, 0-9 and -", m.Unit)
	case m.StreamCreated.UnixMicro() < 0 || !hasText(m.StreamCreated):
		return fmt.Errorf("the stream's creation at %v is no time of ours", m.StreamCreated)
	case !hasText(m.Made):
		return fmt.Errorf("the checkpoint's making at %v is no time of ours", m.Made)
	}
	return checkMember(m.Member)
}

func checkMember(name string) error {
	if len(name) > maxMember || !utf8.ValidString(name) {
		return fmt.Errorf("member name %q must be UTF-8 of at most %d bytes", name, maxMember)
	}
	return nil
}

// hasText tells whether JSON can hold the time.
func hasText(t time.Time) bool { return t.UTC().Year() >= 0 && t.UTC().Year() <= 9999 }

const maxMember = 255

// plain drops what does not survive storage: zone and monotonic clock.
func (m Meta) plain() Meta {
	m.StreamCreated, m.Made = m.StreamCreated.Round(0).UTC(), m.Made.Round(0).UTC()
	return m
}

// same tells whether both describe the same bytes.
func (m Meta) same(o Meta) bool {
	stamps := m.StreamCreated.Equal(o.StreamCreated) && m.Made.Equal(o.Made)
	m.StreamCreated, m.Made = o.StreamCreated, o.Made
	return stamps && m == o
}

// compare orders by age: a younger stream wins, then the later message.
func (m Meta) compare(o Meta) int {
	return cmp.Or(
		cmp.Compare(m.StreamCreated.UnixMicro(), o.StreamCreated.UnixMicro()), // as file names have it
		cmp.Compare(m.Sequence, o.Sequence))
}

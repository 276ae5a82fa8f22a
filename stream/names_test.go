package stream

import "testing"

func TestNames(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{UpdatesStream(7), "DETOUR_UPDATES_7"},
		{UpdatesSubject(12), "detour.v1.updates.12"},
		{EvidenceSubject(3), "detour.v1.evidence.3"},
		{PositionSubject(3), "detour.v1.position.3"},
		{FlagSubject("unexpected-transit", 13335), "detour.v1.flag.unexpected-transit.13335"},
		{FlagSubject("path-inflation", 0), "detour.v1.flag.path-inflation.0"},
		{AlertSubject("incident", "leak", 396531, ""), "detour.v1.alert.incident.leak.396531"},
		{AlertSubject("prefix", "hijack", 4200000000, "core"), "detour.v1.alert.prefix.hijack.4200000000.core"},
		{AlertSubject("prefix", "hijack", 1, "a.b *>\t"), "detour.v1.alert.prefix.hijack.1.a_b____"},
		{AlertSubject("", "hijack", 1, ""), "detour.v1.alert._.hijack.1"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

package reference

import (
	"fmt"
	"strings"
	"testing"

	"detour/route"
)

// bigLinks makes a file of n links that look like the Internet's in that a few
// ASes have many.
func bigLinks(n int) string {
	var b strings.Builder
	for i := range n {
		hub := 1 + i%53*i%997
		fmt.Fprintf(&b, "%d|%d|%d|bgp\n", hub, 1000+i, -(i % 2))
	}
	return b.String()
}

// stride is prime, so that benchmarks wander through all of a table.
const stride = 611_953

func BenchmarkReadRelationships(b *testing.B) {
	text := bigLinks(758_000)
	for b.Loop() {
		if _, err := ReadRelationships(strings.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRelation(b *testing.B) {
	r := readLinks(b, bigLinks(758_000))
	i, sum := 0, 0
	for b.Loop() {
		i = (i + stride) % 758_000
		sum += int(r.Of(route.ASN(1+i%53*i%997), route.ASN(1000+i))) // there
		sum += int(r.Of(route.ASN(1001+i), route.ASN(1000+i)))       // not there
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(2*b.N), "ns/look-up")
}

func BenchmarkKnows(b *testing.B) {
	r := readLinks(b, bigLinks(758_000))
	i, n := 0, 0
	for b.Loop() {
		i = (i + stride) % 1_000_000
		if r.Knows(route.ASN(i)) {
			n++
		}
	}
}

// bigVRPs makes a file of n payloads, a third of them within others.
func bigVRPs(n int) string {
	var b strings.Builder
	b.WriteString(`{"roas":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		bits := 24 - i%3*4
		p := route.Prefix{Hi: uint64(i/3*3)<<(32+8) + 1<<56, Bits: uint8(bits), Family: route.IPv4}
		hi, _ := route.Mask(p.Bits)
		p.Hi &= hi
		fmt.Fprintf(&b, `{"asn":%d,"prefix":"%s","maxLength":%d,"ta":"x"}`, 1+i%70_000, p, bits)
	}
	b.WriteString("]}")
	return b.String()
}

func BenchmarkReadVRPs(b *testing.B) {
	text := bigVRPs(400_000)
	for b.Loop() {
		if _, err := ReadVRPs(strings.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkValidate asks for prefixes all over the table, which waits for memory,
// and for the same thousand again and again.
func BenchmarkValidate(b *testing.B) {
	v := readVRPText(b, bigVRPs(400_000))
	for name, n := range map[string]int{"spread": 400_000, "near": 1000} {
		b.Run(name, func(b *testing.B) {
			i, sum := 0, 0
			for b.Loop() {
				i = (i + stride) % n
				p := route.Prefix{Hi: uint64(i)<<(32+8) + 1<<56, Bits: 24, Family: route.IPv4}
				sum += int(v.Validate(p, route.ASN(1+i%70_000)))
			}
		})
	}
}

func BenchmarkBeacon(b *testing.B) {
	lists := DefaultLists()
	i, n := 0, 0
	for b.Loop() {
		i = (i + stride) % 400_000
		if lists.Beacon(route.Prefix{Hi: uint64(i)<<(32+8) + 84<<56, Bits: 24, Family: route.IPv4}) {
			n++
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	var text strings.Builder
	for i := range 500 {
		fmt.Fprintf(&text, "10.%d.%d.0/23\n", i/128, i%128*2)
	}
	w, err := ReadWatch(strings.NewReader(text.String()), "w")
	if err != nil {
		b.Fatal(err)
	}
	i, n := 0, 0
	for b.Loop() {
		i = (i + stride) % 100_000
		if w.Match(route.Prefix{Hi: uint64(i)<<(32+8) + 10<<56, Bits: 24, Family: route.IPv4}) != nil {
			n++
		}
	}
}

package fulltable

import (
	"fmt"
	"testing"

	"detour/internal/scenario"
	"detour/internal/scenario/topo"
	"detour/route"
)

func full(b *testing.B, peers int) *topo.Table {
	b.Helper()
	g, err := topo.Generate(topo.Config{}, 1)
	if err != nil {
		b.Fatal(err)
	}
	t, err := topo.NewTable(g, topo.TableConfig{Peers: peers}, 1)
	if err != nil {
		b.Fatal(err)
	}
	return t
}

// BenchmarkVerizon prepares the leak of 2019 at full size and tells it.
func BenchmarkVerizon(b *testing.B) {
	for _, peers := range []int{10, 40, 400} {
		t := full(b, peers)
		var v *Verizon
		b.Run(fmt.Sprintf("prepare for %d peers", peers), func(b *testing.B) {
			for b.Loop() {
				var err error
				if v, err = NewVerizon(t, VerizonConfig{}, 1); err != nil {
					b.Fatal(err)
				}
			}
			f := v.Facts()
			b.ReportMetric(float64(f.Peers), "hearing")
			b.ReportMetric(float64(f.Prefixes), "prefixes")
			b.ReportMetric(float64(f.Origins), "origins")
		})
		b.Run(fmt.Sprintf("tell %d peers", peers), func(b *testing.B) {
			for b.Loop() {
				n, bad := 0, 0
				v.Elements(func(e scenario.Element) bool {
					n++
					if e.Bad {
						bad++
					}
					return true
				})
				b.ReportMetric(float64(n), "elements")
				b.ReportMetric(float64(bad), "bad")
			}
		})
	}
}

// BenchmarkChurn tells an hour at 1,000 elements a second.
func BenchmarkChurn(b *testing.B) {
	for _, peers := range []int{10, 40} {
		t := full(b, peers)
		b.Run(fmt.Sprintf("%d peers", peers), func(b *testing.B) {
			for b.Loop() {
				n := 0
				cfg := ChurnConfig{From: 0, To: route.Hour, Rate: 1000}
				NewChurn(t, cfg, 1).Elements(func(scenario.Element) bool { n++; return true })
				b.ReportMetric(float64(n), "elements")
			}
		})
	}
}

package firehose

import (
	"slices"
	"strings"
	"time"

	"github.com/google/pprof/profile"
)

// Stage is a part of the way with the processor time that it used, by samples.
type Stage struct {
	Name string
	CPU  time.Duration
}

// stageServers is what servers in processes of their own used.
const stageServers = "servers apart"

// Stages without functions of their own.
const (
	stageGC    = "garbage collection"
	stageSched = "Go scheduler, timers"
	stageOther = "other"
)

// stageOf lists which functions belong to which stage; the first prefix that fits
// decides, so that the narrower ones stand first.
var stageOf = [...]struct{ prefix, stage string }{
	{"runtime.gcAssistAlloc", stageGC},
	{"runtime.gcBgMarkWorker", stageGC},
	{"runtime.bgsweep", stageGC},
	{"runtime.bgscavenge", stageGC},
	{"runtime.gcStart", stageGC},
	{"runtime.gcMarkTermination", stageGC},
	{"detour/bench/firehose.(*feeder)", "generator"},
	{"detour/bench/firehose.(*tape)", "generator"},
	{"detour/bench/firehose.(*flagEar)", "subscribers"},
	{"detour/bench/firehose.(*alertEar)", "subscribers"},
	{"detour/wire.(*FrameBuilder)", "encode frames"},
	{"detour/wire.(*RangeBuilder)", "state evidence"},
	{"detour/wire.(*Range)", "correlate"},
	{"detour/stream.(*Publisher)", "split and send"},
	{"detour/stream.(*lane)", "split and send"},
	{"detour/stream.(*Sender)", "split and send"},
	{"detour/stream.(*FlagPublisher)", "flags"},
	{"detour/stream.(*AlertPublisher)", "correlate"},
	{"detour/stream.(*Reader)", "read streams"},
	{"detour/stream.(*pull)", "read streams"},
	{"detour/processor/rib", "path state"},
	{"detour/processor/detect", "state evidence"},
	{"detour/processor/correlate", "correlate"},
	{"detour/processor.(*Judge)", "correlate"},
	{"detour/processor.(*flagger)", "flags"},
	{"detour/processor.(*engine).flag", "flags"},
	{"detour/processor.(*engine).emitFlag", "flags"},
	{"detour/processor.(*engine).apply", "decode and apply"},
	{"detour/processor.(*engine).routes", "decode and apply"},
	{"detour/processor.(*engine)", "state evidence"},
	{"detour/processor", "decode and apply"},
	{"detour/wire", "decode and apply"},
	{"github.com/nats-io/nats.go", "NATS client"},
	{"github.com/nats-io/nats%2ego", "NATS client"}, // as the linker writes the name of the package itself
	{"github.com/nats-io/nats-server", "NATS server"},
	{"runtime.mcall", stageSched},
	{"runtime.mstart", stageSched},
	{"runtime.goexit0", stageSched},
	{"runtime.sysmon", stageSched},
	{"runtime.findRunnable", stageSched},
	{"runtime.schedule", stageSched},
}

// stageNames returns the stages in the order of the way.
func stageNames() []string {
	return []string{
		"generator", "encode frames", "split and send", "NATS client", "NATS server", "read streams",
		"decode and apply", "path state", "state evidence", "flags", "correlate", "subscribers",
		stageGC, stageSched, stageOther,
	}
}

// attribute gives each sample to the innermost stage on its stack.
func attribute(p *profile.Profile) []Stage {
	value := slices.IndexFunc(p.SampleType, func(v *profile.ValueType) bool { return v.Type == "cpu" })
	if value < 0 {
		return nil
	}
	sums := map[string]time.Duration{}
	for _, s := range p.Sample {
		sums[stageOfSample(s)] += time.Duration(s.Value[value])
	}
	var out []Stage
	for _, name := range stageNames() {
		out = append(out, Stage{name, sums[name]})
	}
	return out
}

func stageOfSample(s *profile.Sample) string {
	for _, loc := range s.Location { // from the innermost
		for _, line := range loc.Line {
			if line.Function == nil {
				continue
			}
			if name := stageOfFunction(line.Function.Name); name != "" {
				return name
			}
		}
	}
	return stageOther
}

func stageOfFunction(name string) string {
	for _, s := range stageOf {
		if strings.HasPrefix(name, s.prefix) {
			return s.stage
		}
	}
	return ""
}

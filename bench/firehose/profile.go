package firehose

import (
	"bytes"
	"fmt"
	"runtime/pprof"

	"github.com/google/pprof/profile"
)

// profiling is a CPU profile that is kept in memory. A nil one profiles nothing.
type profiling struct{ buf bytes.Buffer }

func startProfile(wanted bool) (*profiling, error) {
	if !wanted {
		return nil, nil
	}
	p := &profiling{}
	if err := pprof.StartCPUProfile(&p.buf); err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	return p, nil
}

func (p *profiling) stop() {
	if p != nil {
		pprof.StopCPUProfile()
	}
}

// stages ends the profile and says which stage used how much.
func (p *profiling) stages() ([]Stage, error) {
	if p == nil {
		return nil, nil
	}
	p.stop()
	prof, err := profile.Parse(&p.buf)
	if err != nil {
		return nil, fmt.Errorf("read profile: %w", err)
	}
	return attribute(prof), nil
}

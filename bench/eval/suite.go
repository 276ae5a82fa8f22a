package eval

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"sync"
	"time"
)

// Options of a run of the suite.
type Options struct {
	Corpus  string         // folder of recordings
	Short   bool           // minutes instead of the whole
	Only    *regexp.Regexp // names of the parts to run; nil is all
	Seeds   string         // tuned, held-out or all
	Limit   time.Duration  // parts that have not begun by then are left out; 0 is none
	Command string         // how it was called, for the results
	Now     func() time.Time
	Verbose bool // tell of each case
	// Progress is told what is done, a line at a time; may be nil. It is called
	// from several goroutines, one at a time.
	Progress func(string)
}

// Seed selections.
const (
	SeedsTuned   = "tuned"
	SeedsHeldOut = "held-out"
	SeedsAll     = "all"
)

// suite is one run.
type suite struct {
	Options
	worlds map[string]*lazy[*World]
	mu     sync.Mutex
}

// lazy is made at first use.
type lazy[T any] struct {
	once sync.Once
	v    T
	err  error
}

// part is one part of the suite.
type part struct {
	name, title string
	long        bool     // not in the short form
	needs       []string // of the corpus
	run         func(s *suite, ctx context.Context) (*Part, error)
}

// parts are the suite in order.
func parts() []part {
	return slices.Concat([]part{quietPart()}, incidentParts(), leakParts(), rampParts(), benignParts(),
		[]part{fullPart(), namedPart(), loadPart(), watchedPart(), shardsPart(), latencyPart()})
}

// Names returns the names of all parts, in order.
func Names() (names []string) {
	for _, p := range parts() {
		names = append(names, p.name)
	}
	return names
}

// CheckSeeds reports what is wrong with the name of a set of seeds.
func CheckSeeds(seeds string) error {
	if !slices.Contains([]string{SeedsTuned, SeedsHeldOut, SeedsAll}, seeds) {
		return fmt.Errorf("seeds are %q, must be %s, %s or %s", seeds, SeedsTuned, SeedsHeldOut, SeedsAll)
	}
	return nil
}

// Run runs the suite. An expectation that fails is no error.
func Run(ctx context.Context, o Options) (*Results, error) {
	if err := CheckSeeds(o.Seeds); err != nil {
		return nil, err
	}
	s := &suite{Options: o, worlds: map[string]*lazy[*World]{}}
	begin := o.Now()
	r := &Results{
		Version: resultsVersion, Command: o.Command, Date: begin.UTC().Format("2006-01-02"), Form: "long", Seeds: o.Seeds,
		Machine: fmt.Sprintf("%s/%s, %d CPUs", runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0)),
	}
	if o.Short {
		r.Form = "short"
	}
	for _, p := range parts() {
		if o.Only != nil && !o.Only.MatchString(p.name) {
			continue
		}
		if why := s.leaveOut(p, o.Now().Sub(begin)); why != "" {
			r.LeftOut = append(r.LeftOut, p.name+": "+why)
			continue
		}
		if err := s.one(ctx, p, r); err != nil {
			return r, fmt.Errorf("%s: %w", p.name, err)
		}
	}
	r.WallSeconds = o.Now().Sub(begin).Round(time.Second).Seconds()
	return r, nil
}

// one runs one part and adds what it gave.
func (s *suite) one(ctx context.Context, p part, r *Results) error {
	begin := s.Now()
	done, err := p.run(s, ctx)
	if out, ok := errors.AsType[leftOut](err); ok {
		r.LeftOut = append(r.LeftOut, p.name+": "+string(out))
		return nil
	}
	if err != nil {
		return err
	}
	done.Name, done.Title, done.Date = p.name, p.title, r.Date
	for i := range done.expect {
		done.expect[i].Part = p.name
	}
	r.Parts = append(r.Parts, done)
	r.Expectations = append(r.Expectations, done.expect...)
	s.say("%s: %d rows in %v", p.name, len(done.Rows), s.Now().Sub(begin).Round(100*time.Millisecond))
	return nil
}

// leftOut is the reason why a part could not run, said by itself.
type leftOut string

func (l leftOut) Error() string { return string(l) }

// leaveOut says why a part is not run, "" if it is.
func (s *suite) leaveOut(p part, spent time.Duration) string {
	switch {
	case s.Short && p.long:
		return "only in the long form"
	case s.Limit > 0 && spent >= s.Limit:
		return fmt.Sprintf("no time left of %v", s.Limit)
	}
	for _, name := range p.needs {
		if !s.has(name) {
			return "corpus absent: " + name
		}
	}
	return ""
}

func (s *suite) say(format string, args ...any) {
	if s.Progress == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Progress(fmt.Sprintf(format, args...))
}

// file is the path of a recording.
func (s *suite) file(name string) string { return filepath.Join(s.Corpus, filepath.FromSlash(name)) }

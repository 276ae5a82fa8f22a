package chaos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"detour/bench/report"
)

// ErrFailed says that something that must hold does not; the section tells what.
var ErrFailed = errors.New("something that must hold does not")

// Run runs the cases. The section is there, and complete, with ErrFailed too.
func Run(ctx context.Context, o Options) (*report.Section, error) {
	list, err := chosen(&o)
	if err != nil {
		return nil, err
	}
	r, done, err := newRunner(o)
	if err != nil {
		return nil, err
	}
	defer done()
	t := newSheet(&o)
	for i := range list {
		if err := r.rows(ctx, &list[i], t); err != nil {
			return nil, err
		}
	}
	if t.failed > 0 {
		return t.section(), fmt.Errorf("%w: %d of %d runs failed", ErrFailed, t.failed, len(t.table.Rows))
	}
	return t.section(), nil
}

// allCases asks for every case, in the short form, too.
const allCases = "all"

// chosen returns the cases of the form, or those that are asked for.
func chosen(o *Options) (list []spec, err error) {
	names, found := []string{}, map[string]bool{allCases: true}
	all := slices.Contains(o.Cases, allCases)
	for _, s := range append(specs(), spec{name: undisturbed}) {
		names, found[s.name] = append(names, s.name), true
		switch {
		case len(o.Cases) == 0 && o.Short && !s.short, len(o.Cases) > 0 && !all && !slices.Contains(o.Cases, s.name):
			continue
		case o.Short:
			s.times = 1
			s.sized(shortSize())
		case s.size == nil:
			s.sized(longSize())
		}
		list = append(list, s)
	}
	for _, name := range o.Cases {
		if !found[name] {
			return nil, fmt.Errorf("no case %q; there are: %s", name, strings.Join(names, "; "))
		}
	}
	return list, nil
}

// rows runs a case as often as it asks for; before the first case of a size comes
// the undisturbed run.
func (r *runner) rows(ctx context.Context, s *spec, t *sheet) error {
	if r.reference[s.size.Shape] == nil {
		quiet := spec{name: undisturbed, asked: "all that is known", replicas: 1, size: s.size}
		tr, err := r.run(ctx, &quiet)
		if err != nil {
			return fmt.Errorf("%s: %w", undisturbed, err)
		}
		tr.problems = append(tr.problems, tr.outcome.reference(r.traffics[s.size.Shape])...)
		r.reference[s.size.Shape] = tr
		inLeak, _ := tr.pause(r.traffics[s.size.Shape], s.size.LeakAt, s.size.Length)
		t.notes = append(t.notes, fmt.Sprintf("%s: while the leak of %d prefixes was told, the longest pause was %s",
			undisturbed, s.size.Leaked, ms(inLeak)))
		t.add(&quiet, tr)
	}
	if s.name == undisturbed {
		return nil
	}
	var longest []time.Duration
	for range max(1, s.times) {
		tr, err := r.run(ctx, s)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errSkipped):
			t.skip(s, err)
			return nil
		case err != nil:
			t.fail(s, err)
			continue
		}
		t.add(s, tr)
		longest = append(longest, tr.longest)
	}
	if s.times > 1 && len(longest) > 0 {
		slices.Sort(longest)
		t.median(s, longest[len(longest)/2])
	}
	return nil
}

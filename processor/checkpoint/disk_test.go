package checkpoint

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func newStore(t testing.TB, cfg Config, deps Deps) *Store {
	t.Helper()
	if cfg.Member == "" {
		cfg.Member = "a"
	}
	if cfg.NewestFormat == 0 {
		cfg.OldestFormat, cfg.NewestFormat = 1, 1
	}
	s, err := New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func save(t testing.TB, s *Store, sequences ...uint64) {
	t.Helper()
	for _, n := range sequences {
		if err := s.Save(t.Context(), metaOf("shard-3", n), bodyOf(n, 5000)); err != nil {
			t.Fatal(err)
		}
	}
}

// wantLoad checks which checkpoint is taken, and the errors about those that are not.
func wantLoad(t testing.TB, s *Store, sequence uint64, passedOver ...error) []Problem {
	t.Helper()
	m, body, problems, err := s.Load(t.Context(), "shard-3", nil)
	if err != nil {
		t.Fatalf("%v, after %v", err, problems)
	}
	if m.Sequence != sequence || !bytes.Equal(body, bodyOf(sequence, 5000)) {
		t.Errorf("got sequence %d, want %d; problems %v", m.Sequence, sequence, problems)
	}
	wantProblems(t, problems, passedOver...)
	return problems
}

func wantProblems(t testing.TB, problems []Problem, want ...error) {
	t.Helper()
	if len(problems) != len(want) {
		t.Fatalf("got %v, want %v", problems, want)
	}
	for i, p := range problems {
		if !errors.Is(p.Err, want[i]) || p.Place == "" || p.Name == "" {
			t.Errorf("problem %d is %v, want %v", i, p, want[i])
		}
	}
}

func filesIn(t testing.TB, s *Store) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(s.disk.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func path(s *Store, m Meta) string { return filepath.Join(s.disk.dir, fileName(m)) }

func TestTheNewestTwoFilesOfEachUnitAndFormatAreKept(t *testing.T) {
	s := newStore(t, Config{Dir: t.TempDir(), NewestFormat: 2}, Deps{})
	save(t, s, 8, 9, 10) // 10 is after 9, although not as text
	other := metaOf("shard-3", 5)
	other.Format = 2
	for _, m := range []Meta{other, metaOf("shard-33", 1)} {
		if err := s.Save(t.Context(), m, nil); err != nil {
			t.Fatal(err)
		}
	}
	save(t, s, 3) // a straggler moves nothing out
	want := []string{
		fileName(metaOf("shard-33", 1)), fileName(metaOf("shard-3", 10)), fileName(metaOf("shard-3", 9)), fileName(other),
	}
	if diff := cmp.Diff(want, filesIn(t, s)); diff != "" {
		t.Error(diff)
	}
	wantLoad(t, s, 10)
}

func TestAYoungerStreamWinsWhateverItsSequence(t *testing.T) {
	s := newStore(t, Config{Dir: t.TempDir()}, Deps{})
	save(t, s, 1000)
	m := metaOf("shard-3", 2)
	m.StreamCreated = born.Add(1e6)
	if err := s.Save(t.Context(), m, bodyOf(2, 5000)); err != nil {
		t.Fatal(err)
	}
	wantLoad(t, s, 2)
}

func TestADamagedFileIsPassedOver(t *testing.T) {
	for name, damage := range map[string]func(path string, data []byte) error{
		"truncated": func(path string, data []byte) error { return os.WriteFile(path, data[:len(data)/2], 0o600) },
		"empty":     func(path string, _ []byte) error { return os.WriteFile(path, nil, 0o600) },
		"bit flip": func(path string, data []byte) error {
			data[len(data)/2] ^= 1
			return os.WriteFile(path, data, 0o600)
		},
		"more bytes":        func(path string, data []byte) error { return os.WriteFile(path, append(data, data...), 0o600) },
		"too large to read": func(path string, _ []byte) error { return os.Truncate(path, maxFile+1) },
		"a folder":          func(path string, _ []byte) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
		"another checkpoint's bytes": func(path string, _ []byte) error {
			older, err := os.ReadFile(filepath.Join(filepath.Dir(path), fileName(metaOf("shard-3", 1))))
			return errors.Join(err, os.WriteFile(path, older, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t, Config{Dir: t.TempDir()}, Deps{})
			save(t, s, 1, 2)
			newest := path(s, metaOf("shard-3", 2))
			data, err := os.ReadFile(newest)
			if err != nil {
				t.Fatal(err)
			}
			if err := damage(newest, data); err != nil {
				t.Fatal(err)
			}
			if problems := wantLoad(t, s, 1, ErrDamaged); problems[0].Name != newest {
				t.Error(problems)
			}
		})
	}
}

func TestNothingToLoadIsSaidSo(t *testing.T) {
	s := newStore(t, Config{Dir: filepath.Join(t.TempDir(), "not", "made")}, Deps{})
	if _, _, problems, err := s.Load(t.Context(), "shard-3", nil); !errors.Is(err, ErrNone) || problems != nil {
		t.Errorf("%v %v", err, problems)
	}
	save(t, s, 1)
	if err := os.Truncate(path(s, metaOf("shard-3", 1)), 10); err != nil {
		t.Fatal(err)
	}
	_, _, problems, err := s.Load(t.Context(), "shard-3", nil)
	if !errors.Is(err, ErrNone) {
		t.Error(err)
	}
	wantProblems(t, problems, ErrDamaged)
	if _, _, _, err := s.Load(t.Context(), "../shard-3", nil); err == nil || errors.Is(err, ErrNone) {
		t.Errorf("a unit that is a path: %v", err)
	}
}

func TestARefusedCheckpointIsPassedOver(t *testing.T) {
	s := newStore(t, Config{Dir: t.TempDir()}, Deps{})
	save(t, s, 1, 2)
	refusal := errors.New("of a stream that is gone")
	m, _, problems, err := s.Load(t.Context(), "shard-3", func(m Meta) error {
		if m.Sequence == 2 {
			return refusal
		}
		return nil
	})
	if err != nil || m.Sequence != 1 {
		t.Errorf("%+v %v", m, err)
	}
	wantProblems(t, problems, refusal)
}

func TestANewerFormatIsLeftAloneAndTheKnownOneUsed(t *testing.T) {
	dir := t.TempDir()
	s := newStore(t, Config{Dir: dir}, Deps{})
	save(t, s, 1, 2)
	upgraded := newStore(t, Config{Dir: dir, OldestFormat: 1, NewestFormat: 2}, Deps{})
	m := metaOf("shard-3", 3)
	m.Format = 2
	if err := upgraded.Save(t.Context(), m, bodyOf(3, 5000)); err != nil {
		t.Fatal(err)
	}
	wantLoad(t, upgraded, 3)
	wantLoad(t, s, 2, ErrUnknown) // downgraded

	later := forge(container+1, "{}", nil)
	if err := os.WriteFile(path(s, metaOf("shard-3", 4)), later, 0o600); err != nil {
		t.Fatal(err)
	}
	wantLoad(t, s, 2, ErrUnknown, ErrUnknown)
	if have, err := os.ReadFile(path(s, metaOf("shard-3", 4))); err != nil || !bytes.Equal(have, later) {
		t.Errorf("not left alone: %v", err)
	}
}

func TestLeftoversOfAKilledProcessGoAtStart(t *testing.T) {
	dir := t.TempDir()
	s := newStore(t, Config{Dir: dir, Member: "a[1]"}, Deps{})
	other := newStore(t, Config{Dir: dir, Member: "b"}, Deps{})
	save(t, s, 1)
	save(t, other, 1)
	for _, d := range []string{s.disk.dir, other.disk.dir} {
		if err := os.WriteFile(filepath.Join(d, tempPrefix+"123"), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{fileName(metaOf("shard-3", 1))}, filesIn(t, s)); diff != "" {
		t.Error(diff)
	}
	if n := len(filesIn(t, other)); n != 2 {
		t.Errorf("%d files of another member, want 2", n)
	}
	wantLoad(t, s, 1)
}

func TestMembersDoNotShareAFolder(t *testing.T) {
	seen := map[string]string{}
	for _, member := range []string{"a", "b", ".", "..", "a/b", "a%2Fb", "%2E", "ä"} {
		d := memberFolder("x", member)
		if seen[d.dir] != "" || filepath.Dir(d.dir) != "x" {
			t.Errorf("%q is in %s, as %q", member, d.dir, seen[d.dir])
		}
		seen[d.dir] = member
	}
}

func TestACancelledContextStillSavesToDisk(t *testing.T) {
	s := newStore(t, Config{Dir: t.TempDir()}, Deps{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // a process that stops
	if err := s.Save(ctx, metaOf("shard-3", 1), bodyOf(1, 5000)); err != nil {
		t.Fatal(err)
	}
	wantLoad(t, s, 1)
}

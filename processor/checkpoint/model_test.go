package checkpoint

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestLoadFindsWhatAModelFinds saves in any order and damages anything; Load
// must return the newest of the two that the model keeps and that is whole.
func TestLoadFindsWhatAModelFinds(t *testing.T) {
	type stored struct {
		meta  Meta
		whole bool
	}
	base := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(base, "")
		if err != nil {
			t.Fatal(err)
		}
		s, err := New(Config{Dir: dir, Member: "a", OldestFormat: 1, NewestFormat: 1}, Deps{})
		if err != nil {
			t.Fatal(err)
		}
		var model []stored // newest first
		t.Repeat(map[string]func(*rapid.T){
			"save": func(t *rapid.T) {
				m := metaOf("shard-3", rapid.Uint64Range(1, 9).Draw(t, "sequence"))
				m.StreamCreated = born.Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "stream")) * time.Second)
				m.Elements = rapid.Uint64().Draw(t, "elements") // tells two of the same sequence apart
				if err := s.Save(t.Context(), m, []byte{byte(m.Sequence)}); err != nil {
					t.Fatal(err)
				}
				model = slices.DeleteFunc(model, func(o stored) bool { return o.meta.compare(m) == 0 })
				model = append(model, stored{m, true})
				slices.SortFunc(model, func(a, b stored) int {
					return cmp.Or(b.meta.StreamCreated.Compare(a.meta.StreamCreated),
						cmp.Compare(b.meta.Sequence, a.meta.Sequence))
				})
				model = model[:min(len(model), 2)]
			},
			"damage": func(t *rapid.T) {
				if len(model) == 0 {
					t.Skip()
				}
				i := rapid.IntRange(0, len(model)-1).Draw(t, "which")
				model[i].whole = false
				if err := os.Truncate(filepath.Join(s.disk.dir, fileName(model[i].meta)), 50); err != nil {
					t.Fatal(err)
				}
			},
			"": func(t *rapid.T) {
				i := slices.IndexFunc(model, func(o stored) bool { return o.whole })
				m, body, problems, err := s.Load(t.Context(), "shard-3", nil)
				if i < 0 {
					if !errors.Is(err, ErrNone) || len(problems) != len(model) {
						t.Fatalf("%v %v", problems, err)
					}
					return
				}
				if err != nil || !m.same(model[i].meta) || len(body) != 1 || len(problems) != i {
					t.Fatalf("got %+v, %v, %v; want %+v", m, problems, err, model[i].meta)
				}
			},
		})
	})
}

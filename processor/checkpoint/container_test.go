package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func sealedBytes(t testing.TB, m Meta, body []byte) []byte {
	t.Helper()
	s, err := seal(m, body)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(s.reader())
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(data)) != s.size() {
		t.Fatalf("%d bytes, told of %d", len(data), s.size())
	}
	return data
}

// open is parse and unpack.
func open(data []byte) (Meta, []byte, error) {
	h, packed, err := parse(data)
	if err != nil {
		return Meta{}, nil, err
	}
	body, err := unpack(h, packed)
	return h.Meta, body, err
}

// forge makes a container with a right sum around whatever is in it.
func forge(version uint32, text string, packed []byte) []byte {
	data := binary.LittleEndian.AppendUint32([]byte(magic), version)
	data = binary.LittleEndian.AppendUint32(data, uint32(len(text)))
	data = append(append(data, text...), packed...)
	sum := sha256.Sum256(data)
	return append(data, sum[:]...)
}

func TestABodyComesBackAsItWas(t *testing.T) {
	for name, body := range map[string][]byte{
		"empty":           {},
		"one byte":        {7},
		"zeros":           make([]byte, 3<<20),
		"like a state":    bodyOf(1, 3<<20),
		"nothing to gain": func() []byte { s := sha256.Sum256(nil); return s[:] }(),
	} {
		t.Run(name, func(t *testing.T) {
			m := metaOf("shard-3", 4711)
			got, back, err := open(sealedBytes(t, m, body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(m, got); diff != "" || !m.same(got) {
				t.Error(diff)
			}
			if !bytes.Equal(back, body) {
				t.Error("another body")
			}
		})
	}
}

func TestEveryFlippedByteIsNoticed(t *testing.T) {
	data := sealedBytes(t, metaOf("shard-3", 4711), bodyOf(1, 2000))
	for i := range data {
		bad := bytes.Clone(data)
		bad[i] ^= 0x20
		if _, _, err := open(bad); !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrUnknown) {
			t.Errorf("byte %d of %d: %v", i, len(data), err)
		}
	}
}

func TestEveryOtherLengthIsNoticed(t *testing.T) {
	data := sealedBytes(t, metaOf("shard-3", 4711), bodyOf(1, 2000))
	for n := range data {
		if _, _, err := open(data[:n]); !errors.Is(err, ErrDamaged) {
			t.Errorf("%d of %d bytes: %v", n, len(data), err)
		}
	}
	if _, _, err := open(append(data, 0)); !errors.Is(err, ErrDamaged) {
		t.Errorf("one byte more: %v", err)
	}
}

func TestAHeaderThatLiesIsRefused(t *testing.T) {
	packed, err := pack(make([]byte, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*header)) string {
		h := header{Meta: metaOf("shard-3", 1), Body: 1 << 20, Packed: uint64(len(packed))}
		change(&h)
		text, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	good := with(func(*header) {})
	if _, _, err := open(forge(container, good, packed)); err != nil {
		t.Fatal(err)
	}
	beyond := forge(container, good, packed)
	binary.LittleEndian.PutUint32(beyond[len(magic)+4:], 1<<31)
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"body is shorter":           {forge(1, with(func(h *header) { h.Body-- }), packed), ErrDamaged},
		"body is longer":            {forge(1, with(func(h *header) { h.Body++ }), packed), ErrDamaged},
		"body of all memory":        {forge(1, with(func(h *header) { h.Body = 1 << 62 }), packed), ErrDamaged},
		"body up to the bound":      {forge(1, with(func(h *header) { h.Body = MaxBody }), packed), ErrDamaged},
		"packed bytes are others":   {forge(1, with(func(h *header) { h.Packed++ }), packed), ErrDamaged},
		"unit leaves its folder":    {forge(1, with(func(h *header) { h.Unit = "../x" }), packed), ErrDamaged},
		"no JSON":                   {forge(1, "{", packed), ErrDamaged},
		"a large header":            {forge(1, strings.Repeat(" ", maxHeader)+good, packed), ErrDamaged},
		"header beyond the end":     {resum(beyond), ErrDamaged},
		"body is no zstd":           {forge(1, with(func(h *header) { h.Packed = 4 }), []byte("body")), ErrDamaged},
		"a container of the future": {forge(2, "whatever", nil), ErrUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := open(c.data); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
	t.Run("fields of the future are left out", func(t *testing.T) {
		text := `{"colour":"blue",` + good[1:]
		if _, _, err := open(forge(1, text, packed)); err != nil {
			t.Error(err)
		}
	})
}

// A header that promises much may not cost memory before the bytes are there.
func TestALyingHeaderAllocatesLittle(t *testing.T) {
	packed, err := pack([]byte("small"))
	if err != nil {
		t.Fatal(err)
	}
	h := header{Meta: metaOf("shard-3", 1), Body: MaxBody, Packed: uint64(len(packed))}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := unpack(h, packed); !errors.Is(err, ErrDamaged) {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 16<<20 {
		t.Errorf("%d bytes for a body of five", got)
	}
}

func resum(data []byte) []byte {
	content := data[:len(data)-sumLen]
	sum := sha256.Sum256(content)
	return append(bytes.Clone(content), sum[:]...)
}

func TestWhatCannotBeNamedIsNotSealed(t *testing.T) {
	for name, change := range map[string]func(*Meta){
		"no unit":             func(m *Meta) { m.Unit = "" },
		"unit with a slash":   func(m *Meta) { m.Unit = "a/b" },
		"unit with a dot":     func(m *Meta) { m.Unit = "a.b" },
		"long unit":           func(m *Meta) { m.Unit = strings.Repeat("u", 64) },
		"no stream":           func(m *Meta) { m.StreamCreated = time.Time{} },
		"stream of year 9999": func(m *Meta) { m.StreamCreated = born.AddDate(8000, 0, 0) },
		"made in year 10000":  func(m *Meta) { m.Made = born.AddDate(8000, 0, 0) },
		"member of no text":   func(m *Meta) { m.Member = "\xff" },
		"long member":         func(m *Meta) { m.Member = strings.Repeat("m", 256) },
	} {
		m := metaOf("shard-3", 1)
		if change(&m); m.check() == nil {
			t.Errorf("%s passed", name)
		}
	}
}

func FuzzContainer(f *testing.F) {
	f.Add(sealedBytes(f, metaOf("shard-3", 4711), bodyOf(1, 300)), false)
	f.Add(sealedBytes(f, metaOf("correlator", 1), nil), true)
	f.Add(forge(2, "{}", nil), false)
	f.Fuzz(func(t *testing.T, data []byte, fix bool) {
		if fix && len(data) > sumLen { // past the sum, where the parser works
			data = resum(data)
		}
		h, packed, err := parse(data)
		if err != nil {
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrUnknown) {
				t.Fatal(err)
			}
			return
		}
		body, err := unpack(h, packed)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		if uint64(len(body)) != h.Body || h.check() != nil {
			t.Fatalf("%d bytes for a header of %+v", len(body), h)
		}
		m, again, err := open(sealedBytes(t, h.Meta.plain(), body))
		if err != nil || !bytes.Equal(again, body) || !m.same(h.Meta) {
			t.Fatalf("sealed again: %v", err)
		}
	})
}

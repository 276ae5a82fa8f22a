package measure_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"detour/bench/measure"
)

func TestNumbersHaveThreeDigits(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0.00", 0.01234: "0.0123", 1: "1.00", 0.999: "1.00", 9.994: "9.99", 9.996: "10.0", 99.96: "100",
		1234.5: "1,234", 1234567: "1,234,567", -15.23: "-15.2",
	} {
		if got := measure.Number(v); got != want {
			t.Errorf("%v is %q, want %q", v, got, want)
		}
	}
}

func TestSpreadOrdersRounds(t *testing.T) {
	if got := measure.SpreadOf([]float64{3, 1, 2}).String(); got != "2.00 (1.00–3.00)" {
		t.Error(got)
	}
	if got := measure.Ratios([]float64{10, 40}, []float64{1, 2}); got != (measure.Spread{Min: 10, Median: 20, Max: 20}) {
		t.Errorf("%+v", got)
	}
	if got := measure.SpreadOf(nil); got != (measure.Spread{}) {
		t.Errorf("%+v", got)
	}
}

func TestProcessTellsStatusAndOutput(t *testing.T) {
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	u, err := measure.Process(t.Context(), out, "sh", "-c", `echo "$1"; exit 3`, "sh", "a  b")
	if err != nil || u.Exit != 3 {
		t.Errorf("status %d, %v", u.Exit, err)
	}
	if text, err := os.ReadFile(out.Name()); err != nil || string(text) != "a  b\n" {
		t.Errorf("printed %q, %v", text, err)
	}
	if _, err := measure.Process(t.Context(), nil, "no-such-program"); err == nil {
		t.Error("an absent program ran")
	}
}

// A large parent must not be taken for a large child.
func TestPeakIsTheChildsOwn(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("memory is told on Linux only")
	}
	const ballast = 64 << 20
	b := make([]byte, ballast)
	for i := range b {
		b[i] = 1
	}
	u, err := measure.Process(t.Context(), nil, "sh", "-c", ":")
	if err != nil {
		t.Fatal(err)
	}
	if u.Peak == 0 || u.Peak > ballast/4 {
		t.Errorf("a shell used %d bytes", u.Peak)
	}
	runtime.KeepAlive(b)
}

func TestCancelledProcessEnds(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := measure.Process(ctx, nil, "sleep", "60"); err == nil {
		t.Error("no error")
	}
}

package recording_test

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"detour/bench/recording"
)

func TestAbsentRecordingIsNamed(t *testing.T) {
	_, err := recording.Plain(t.TempDir(), recording.Dev())
	if !errors.Is(err, recording.ErrAbsent) {
		t.Errorf("error is %v", err)
	}
}

func TestMicrosecondsAreTakenOut(t *testing.T) {
	head := func(typ, n byte) []byte { return []byte{0, 0, 0, 1, 0, typ, 0, 4, 0, 0, 0, n} }
	data := bytes.Join([][]byte{head(17, 6), {1, 2, 3, 4, 'a', 'b'}, head(16, 1), {'c'}, head(16, 9), {'d'}}, nil)
	want := bytes.Join([][]byte{head(16, 2), {'a', 'b'}, head(16, 1), {'c'}}, nil)
	if got := recording.WithoutMicroseconds(data); !bytes.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestTempFileGoes(t *testing.T) {
	path, remove, err := recording.Temp("x.mrt", []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	remove()
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("after remove: %v", err)
	}
}

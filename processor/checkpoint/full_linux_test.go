package checkpoint

import (
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A full disk leaves what was there, nothing half written, and words for health.
func TestAFullDiskIsSaidSo(t *testing.T) {
	dir := smallDisk(t, "64k")
	s := newStore(t, Config{Dir: dir}, Deps{})
	save(t, s, 1)
	err := s.Save(t.Context(), metaOf("shard-3", 2), bodyOf(2, 1<<20))
	var failed *SaveError
	if !errors.As(err, &failed) || !errors.Is(err, syscall.ENOSPC) || failed.Written != nil ||
		failed.Problems[0].Reason() != "disk full" {
		t.Fatalf("got %v", err)
	}
	if !strings.HasPrefix(err.Error(), "checkpoints of shard-3 cannot be written: disk "+s.disk.dir+": disk full: ") {
		t.Errorf("health would say %q", err)
	}
	if diff := cmp.Diff([]string{fileName(metaOf("shard-3", 1))}, filesIn(t, s)); diff != "" {
		t.Error(diff)
	}
	wantLoad(t, s, 1)
	save(t, s, 3)
}

// smallDisk is a file system of its own, where this process may mount one.
func smallDisk(t testing.TB, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("cannot mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

package codecpb_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// versions are what another protoc or plugin would write: no difference.
var versions = regexp.MustCompile(`(?m)^// \s*protoc.*$`)

func TestCodeIsThatOfTheSchema(t *testing.T) {
	if _, err := exec.LookPath("protoc"); err != nil {
		t.Skip("protoc absent: update.pb.go is not compared with update.proto")
	}
	dir := t.TempDir()
	if text, err := exec.Command("./generate.sh", dir).CombinedOutput(); err != nil {
		t.Fatalf("generate: %v\n%s", err, text)
	}
	got, err := os.ReadFile(filepath.Join(dir, "update.pb.go"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("update.pb.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(versions.ReplaceAll(got, nil), versions.ReplaceAll(want, nil)) {
		t.Error("update.pb.go is out of date: run go generate ./bench/codec/codecpb")
	}
}

package checkpoint

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// kept is how many checkpoints of a unit and format every place keeps: a
// damaged one leaves the other.
const kept = 2

const (
	fileSuffix = ".ckpt"
	tempPrefix = ".new-"
)

// folder is the place on disk. No other process writes to it: the member's
// name is a part of its path.
type folder struct{ dir string }

func memberFolder(dir, member string) folder {
	name := url.PathEscape(member)
	if strings.Trim(name, ".") == "" { // PathEscape leaves dots alone
		name = strings.ReplaceAll(name, ".", "%2E")
	}
	return folder{filepath.Join(dir, name)}
}

// file is what a name says about a file's content.
type file struct {
	name     string
	unit     string
	format   uint32
	created  int64 // microseconds since 1970
	sequence uint64
}

func fileName(m Meta) string {
	return fmt.Sprintf("%s_f%d_%d_%d%s", m.Unit, m.Format, m.StreamCreated.UnixMicro(), m.Sequence, fileSuffix)
}

func parseFileName(name string) (f file, ok bool) {
	parts := strings.Split(strings.TrimSuffix(name, fileSuffix), "_")
	if len(parts) != 4 || !strings.HasPrefix(parts[1], "f") {
		return file{}, false
	}
	format, err1 := strconv.ParseUint(parts[1][1:], 10, 32)
	created, err2 := strconv.ParseInt(parts[2], 10, 64)
	sequence, err3 := strconv.ParseUint(parts[3], 10, 64)
	f = file{name, parts[0], uint32(format), created, sequence}
	// Only what fileName writes counts, so that two names never mean the same.
	m := Meta{Unit: f.unit, Format: f.format, StreamCreated: time.UnixMicro(created), Sequence: sequence}
	return f, errors.Join(err1, err2, err3) == nil && m.check() == nil && fileName(m) == name
}

// prepare makes the folder and removes what a killed process left half written.
func (d folder) prepare() error {
	if err := os.MkdirAll(d.dir, 0o750); err != nil {
		return err
	}
	left, err := filepath.Glob(filepath.Join(globEscape(d.dir), tempPrefix+"*"))
	if err != nil {
		return err
	}
	var errs []error
	for _, path := range left {
		errs = append(errs, os.Remove(path))
	}
	return errors.Join(errs...)
}

// globEscape keeps a folder's own name from being a pattern.
func globEscape(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// list returns the unit's files, newest first.
func (d folder) list(unit string) (files []file, err error) {
	entries, err := os.ReadDir(d.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		if f, ok := parseFileName(e.Name()); ok && f.unit == unit {
			files = append(files, f)
		}
	}
	slices.SortFunc(files, func(a, b file) int {
		return cmp.Or(cmp.Compare(b.created, a.created), cmp.Compare(b.sequence, a.sequence),
			cmp.Compare(b.format, a.format))
	})
	return files, nil
}

// write puts a checkpoint down so that a file with its final name is always whole.
func (d folder) write(m Meta, s *sealed) error {
	if err := os.MkdirAll(d.dir, 0o750); err != nil {
		return err
	}
	temp, err := d.writeTemp(s)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, filepath.Join(d.dir, fileName(m))); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return errors.Join(d.sync(), d.prune(m))
}

// writeTemp returns the path of a file that is on the disk; nothing is left of
// one that is not.
func (d folder) writeTemp(s *sealed) (path string, err error) {
	temp, err := os.CreateTemp(d.dir, tempPrefix+"*")
	if err != nil {
		return "", err
	}
	_, err = io.Copy(temp, s.reader())
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		return "", errors.Join(err, os.Remove(temp.Name()))
	}
	return temp.Name(), nil
}

// sync makes the rename last.
func (d folder) sync() error {
	f, err := os.Open(d.dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// prune removes all but the newest files of the unit and format.
func (d folder) prune(m Meta) error {
	files, err := d.list(m.Unit)
	if err != nil {
		return err
	}
	n := 0
	var errs []error
	for _, f := range files {
		if f.format != m.Format {
			continue
		}
		if n++; n > kept {
			if err := os.Remove(filepath.Join(d.dir, f.name)); !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// read returns a file's bytes.
func (d folder) read(f file) ([]byte, error) {
	in, err := os.Open(filepath.Join(d.dir, f.name))
	if err != nil {
		return nil, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return nil, fmt.Errorf("%w: no plain file of at most %d bytes", ErrDamaged, maxFile)
	}
	data := make([]byte, info.Size())
	if _, err := io.ReadFull(in, data); err != nil {
		return nil, err
	}
	return data, nil
}

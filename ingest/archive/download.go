package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"detour/ingest/mrt"
)

// download is one file on its way into the cache.
type download struct {
	archive *Archive
	file    File
	path    string
	part    *os.File // locked
	meta    meta
	have    int64
	most    int64 // that any attempt had
	told    func(octets int64)
}

const (
	// sizeless bounds a file whose length the server does not say.
	sizeless = 1 << 30
	// headway is what an attempt has to bring to count as one that did: a server that
	// breaks off at the same place each time does not.
	headway = 16 << 10
	// young is how old a file is for whose end a server may still be waiting.
	young = 2 * time.Hour
)

// bring fetches a file into the cache, unless it is there, and goes on where an
// earlier attempt ended. told is called with what comes.
func (a *Archive) bring(ctx context.Context, f File, path string, told func(int64)) error {
	part, err := a.cache.await(ctx, path)
	if err != nil || part == nil {
		return err
	}
	defer part.Close()
	defer a.cache.free(path)
	d := &download{archive: a, file: f, path: path, part: part, told: told}
	d.resume()
	return a.persist(ctx, d.attempt)
}

// resume takes over what an earlier download has left, if the server can tell
// whether it still fits.
func (d *download) resume() {
	m, ok := readMeta(d.path)
	st, err := d.part.Stat()
	if ok && err == nil && m.URL == d.file.URL && m.Validator != "" && (m.Size < 0 || st.Size() < m.Size) {
		d.meta, d.have = m, st.Size()
	}
}

func (d *download) attempt(ctx context.Context) (brought bool, err error) {
	resp, err := d.ask(ctx)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	if err := d.begin(resp); err != nil {
		return false, err
	}
	err = d.copy(resp)
	if brought = d.have >= d.most+headway; brought {
		d.most = d.have
	}
	if err != nil {
		return brought, fmt.Errorf("fetch %s: %w", d.file.URL, err)
	}
	return false, d.finish()
}

// ask asks for what is missing.
func (d *download) ask(ctx context.Context) (*http.Response, error) {
	header := http.Header{}
	if d.have > 0 && d.meta.Validator != "" {
		header.Set("Range", fmt.Sprintf("bytes=%d-", d.have))
		header.Set("If-Range", d.meta.Validator)
	}
	return d.archive.get(ctx, d.file.URL, header)
}

// begin reads what the answer promises, and makes room for it. Anything but the rest
// that was asked for begins anew.
func (d *download) begin(resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusPartialContent:
		var from, to, size int64
		n, err := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes %d-%d/%d", &from, &to, &size)
		if err == nil && n == 3 && from == d.have && d.have > 0 && to == size-1 && (d.meta.Size < 0 || size == d.meta.Size) {
			d.meta.Size = size
			break
		}
		return d.anew(fmt.Errorf("the range %q is not what was asked for", resp.Header.Get("Content-Range")))
	case http.StatusRequestedRangeNotSatisfiable:
		return d.anew(errors.New("the file has become shorter"))
	default:
		if err := d.anew(nil); err != nil {
			return err
		}
		d.meta = meta{URL: d.file.URL, Size: resp.ContentLength, Validator: validator(resp.Header)}
	}
	size := d.meta.Size
	if size < 0 {
		size = min(sizeless, d.archive.cache.limit)
	}
	if err := d.archive.cache.room(d.path, size); err != nil {
		return err
	}
	return local(d.meta.write(d.path))
}

// anew throws away what has come, because of err.
func (d *download) anew(err error) error {
	d.told(-d.have)
	d.have, d.meta = 0, meta{Size: -1}
	if failed := d.part.Truncate(0); failed != nil {
		return local(fmt.Errorf("begin %s anew: %w", d.path, failed))
	}
	if err != nil {
		err = fmt.Errorf("fetch %s: %w", d.file.URL, err)
	}
	return err
}

// validator returns what tells one version of a file from another: an ETag, unless
// it is a weak one (RFC 9110 §13.1.5).
func validator(h http.Header) string {
	if tag := h.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		return tag
	}
	return h.Get("Last-Modified")
}

// copy appends what comes. Its length has to be what was promised.
func (d *download) copy(resp *http.Response) error {
	most := d.meta.Size
	if most < 0 {
		most = min(sizeless, d.archive.cache.limit)
	}
	if _, err := d.part.Seek(d.have, io.SeekStart); err != nil {
		return local(err)
	}
	buf := make([]byte, 64<<10)
	for {
		n, err := resp.Body.Read(buf)
		if d.have+int64(n) > most && d.meta.Size >= 0 {
			return d.anew(fmt.Errorf("more than the %s that were promised came", octets(most)))
		}
		if d.have+int64(n) > most {
			return finalf("it is longer than %s, and the server does not say how long", octets(most))
		}
		if _, failed := d.part.Write(buf[:n]); failed != nil {
			return local(fmt.Errorf("write %s: %w", d.path, failed))
		}
		d.have += int64(n)
		d.told(int64(n))
		if err != nil && err != io.EOF {
			return err
		}
		if err == io.EOF {
			break
		}
	}
	if d.meta.Size >= 0 && d.have != d.meta.Size {
		return fmt.Errorf("%d octets of %d came", d.have, d.meta.Size)
	}
	return nil
}

// finish gives the file its name. One that is young, or whose length nobody said, is
// read to its end first: it may have been fetched while it was being written.
func (d *download) finish() error {
	if !d.fits() {
		return d.anew(errors.New("it is not what its name says, but perhaps a page that tells of trouble"))
	}
	if d.meta.Size < 0 || time.Since(d.file.At) < young {
		if _, err := d.part.Seek(0, io.SeekStart); err != nil {
			return local(err)
		}
		if err := mrt.Whole(d.part); err != nil {
			return d.anew(fmt.Errorf("it is not whole, perhaps still being written: %w", err))
		}
	}
	d.meta.Size = d.have
	err := errors.Join(d.part.Sync(), d.meta.write(d.path), os.Rename(d.path+partEnd, d.path))
	return local(err)
}

// fits reports whether the file begins as its name says.
func (d *download) fits() bool {
	begin := "BZh"
	if strings.HasSuffix(d.path, ".gz") {
		begin = "\x1f\x8b"
	}
	got := make([]byte, len(begin))
	_, err := d.part.ReadAt(got, 0)
	return err == nil && string(got) == begin
}

// local marks trouble with the cache itself, which asking again does not mend.
func local(err error) error {
	if err == nil {
		return nil
	}
	return finalError{err}
}

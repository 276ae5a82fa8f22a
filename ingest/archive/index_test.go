package archive

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestACollectorsNameSaysWhereItsFilesAre(t *testing.T) {
	month := at(t, "2019-06-24 10:00")
	const ris, views = "https://data.ris.ripe.net/", "https://archive.routeviews.org/"
	for name, want := range map[string][2]string{
		"rrc00":          {ris + "rrc00/2019.06/", ris + "rrc00/2019.06/"},
		"route-views2":   {views + "bgpdata/2019.06/UPDATES/", views + "bgpdata/2019.06/RIBS/"},
		"route-views.sg": {views + "route-views.sg/bgpdata/2019.06/UPDATES/", views + "route-views.sg/bgpdata/2019.06/RIBS/"},
		"amsix.ams":      {views + "amsix.ams/bgpdata/2019.06/UPDATES/", views + "amsix.ams/bgpdata/2019.06/RIBS/"},
	} {
		l, err := layoutOf(name, "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := [2]string{l.folder(Updates, month), l.folder(RIB, month)}; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{
		"", "rrc", "rrc0", "rrc000", "RRC00", "../rrc00", "route-views/..", "route-views..", "..", "a b", "routeviews",
	} {
		if l, err := layoutOf(name, ""); err == nil {
			t.Errorf("%q is taken: %s", name, l.folder(Updates, month))
		}
	}
	for _, base := range []string{"ftp://x", "x", "http://", "http://x/?a=b", "http://x/#a", "http://\x00"} {
		if _, err := layoutOf("rrc00", base); err == nil || !strings.Contains(err.Error(), "archive URL") {
			t.Errorf("%q is taken as base: %v", base, err)
		}
	}
	if _, err := layoutOf("rrc00", "http://me:s3cret@x/"); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("a password that would be logged is taken: %v", err)
	}
	const mirror = "http://mirror:8080/ris/"
	if l, err := layoutOf("rrc00", mirror); err != nil || l.folder(RIB, month) != mirror+"rrc00/2019.06/" {
		t.Errorf("a mirror: %v, %v", l, err)
	}
}

const nginxIndex = `<html><head><title>Index of /rrc00/2019.06/</title></head>
<body><h1>Index of /rrc00/2019.06/</h1><hr><pre><a href="../">../</a>
<a href="bview.20190624.0000.gz">bview.20190624.0000.gz</a>      24-Jun-2019 00:05   90123456
<a href="updates.20190624.1005.gz">updates.20190624.1005.gz</a>  24-Jun-2019 10:10   3456
<a href="updates.20190624.1000.gz">updates.20190624.1000.gz</a>  24-Jun-2019 10:05   3456
</pre></body></html>`

func TestAnIndexNamesFiles(t *testing.T) {
	l, _ := layoutOf("rrc00", "")
	month := at(t, "2019-06-01 00:00")
	one := []string{"updates.20190624.1000.gz"}
	for name, c := range map[string]struct {
		page string
		kind Kind
		want []string // nil: it is no index
	}{
		"nginx":       {nginxIndex, Updates, []string{"updates.20190624.1000.gz", "updates.20190624.1005.gz"}},
		"of tables":   {nginxIndex, RIB, []string{"bview.20190624.0000.gz"}},
		"no quotes":   {"<A HREF=updates.20190624.1000.gz>x</A>", Updates, one},
		"one quote":   {"<a  class=x href = 'updates.20190624.1000.gz'>", Updates, one},
		"whole paths": {`<a href="/rrc00/2019.06/updates.20190624.1000.gz?x=1#y">`, Updates, one},
		"escapes":     {`<a href="updates%2E20190624.1000.gz">`, Updates, one},
		"elsewhere":   {`<a href="http://evil/updates.20190624.1000.gz">`, Updates, one},
		"twice, and packed twice": {
			`<a href="updates.20190624.1000.gz"><a href="updates.20190624.1000.gz">` +
				`<a href="updates.20190624.1000.bz2">`, Updates, one,
		},
		"of other months": {`Index of <a href="updates.20190724.1000.gz">`, Updates, []string{}},
		"no days":         {`Index of <a href="updates.20190631.1000.gz">`, Updates, []string{}},
		"no times":        {`Index of <a href="updates.20190624.2500.gz">`, Updates, []string{}},
		"empty":           {"<h1>Index of /rrc00/2019.06</h1>", Updates, []string{}},
		"only a parent":   {`<a href="../">up</a>`, Updates, []string{}},
		"trouble":         {"<html><h1>Service unavailable</h1></html>", Updates, nil},
		"a login page":    {`<link href="../style.css">Please log in`, Updates, nil},
		"nothing":         {"", Updates, nil},
		"rubbish":         {"\x00\xff<<<a href=\"%zz\">>>", Updates, nil},
		"text alone":      {"updates.20190624.1000.gz", Updates, nil},
	} {
		files, err := l.index(c.kind, month, c.page)
		if (err != nil) != (c.want == nil) {
			t.Errorf("%s: error %v", name, err)
		}
		var got []string
		for _, f := range files {
			got = append(got, f.Name())
			if f.URL != "https://data.ris.ripe.net/rrc00/2019.06/"+f.Name() || f.Collector != "rrc00" {
				t.Errorf("%s: leads to %s of %s", name, f.URL, f.Collector)
			}
		}
		if d := cmp.Diff(append([]string{}, c.want...), append([]string{}, got...)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// checkIndex reads a page, whatever it is.
func checkIndex(t *testing.T, page string) {
	t.Helper()
	l, _ := layoutOf("rrc00", "")
	month := time.Date(2019, 6, 1, 0, 0, 0, 0, time.UTC)
	files, err := l.index(Updates, month, page)
	if err != nil && len(files) > 0 {
		t.Fatalf("%d files of what is no index: %v", len(files), err)
	}
	for i, f := range files {
		if !monthOf(f.At).Equal(month) || !fileName.MatchString(f.Name()) || i > 0 && !files[i-1].At.Before(f.At) {
			t.Fatalf("file %d is %+v", i, f)
		}
	}
}

// TestTenThousandSpoiltIndexesDoNoHarm changes a page at random places.
func TestTenThousandSpoiltIndexesDoNoHarm(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	pieces := []string{
		"<", ">", `"`, "'", "href=", "&#0;", "%00", "\x00", "../", "updates.", ".gz", "\xff", strings.Repeat("A", 2000),
	}
	for range 10_000 {
		b := []byte(nginxIndex)
		for range 1 + rng.IntN(8) {
			i := rng.IntN(len(b))
			switch rng.IntN(4) {
			case 0:
				b[i] = byte(rng.IntN(256))
			case 1:
				b = b[:i+1]
			case 2:
				b = append(b[:i:i], b[min(len(b), i+rng.IntN(50)):]...)
			default:
				b = append(b[:i:i], append([]byte(pieces[rng.IntN(len(pieces))]), b[i:]...)...)
			}
			if len(b) == 0 {
				break
			}
		}
		checkIndex(t, string(b))
	}
}

func FuzzIndex(f *testing.F) {
	f.Add(nginxIndex)
	f.Add(`<a href=updates.20190624.1000.gz>`)
	f.Fuzz(checkIndex)
}

// TestWhatIsThere lists across the end of a month, one month of which is missing.
func TestWhatIsThere(t *testing.T) {
	s := newServer(t)
	for _, name := range []string{"20190630.2350", "20190630.2355", "20190801.0000", "20190801.0005"} {
		s.put(fmt.Sprintf("/rrc00/%s.%s/updates.%s.gz", name[:4], name[4:6], name), nil)
	}
	s.put("/rrc00/2019.06/bview.20190630.1600.gz", nil)
	a := open(t, access(t, s))
	for _, c := range []struct {
		from, to string
		want     string
	}{
		{"2019-06-30 23:50", "2019-06-30 23:55", "2350"},
		{"2019-06-30 23:53", "2019-06-30 23:56", "2350 2355"}, // the first began earlier
		{"2019-07-01 00:00", "2019-08-01 00:01", "2355 0000"},
		{"2019-06-30 00:00", "2019-09-01 00:00", "2350 2355 0000 0005"},
		{"2019-07-05 00:00", "2019-07-06 00:00", ""},
	} {
		files, err := a.List(t.Context(), "rrc00", at(t, c.from), at(t, c.to))
		if err != nil {
			t.Errorf("%s to %s: %v", c.from, c.to, err)
		}
		var got []string
		for _, f := range files {
			got = append(got, f.At.Format("1504"))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s to %s: %q, want %q", c.from, c.to, got, c.want)
		}
	}
	for when, want := range map[string]string{
		"2019-06-30 16:00": "bview.20190630.1600.gz", "2019-07-01 00:00": "bview.20190630.1600.gz",
		"2019-06-30 15:59": "", "2020-01-01 00:00": "",
	} {
		f, err := a.NewestRIB(t.Context(), "rrc00", at(t, when))
		switch {
		case want == "" && !errors.Is(err, ErrNotThere), want != "" && (err != nil || f.Name() != want):
			t.Errorf("table of %s: %v, %v, want %q", when, f, err, want)
		}
	}
	if _, err := a.List(t.Context(), "rrc00", at(t, "2001-01-01 00:00"), at(t, "2019-01-01 00:00")); err == nil {
		t.Error("eighteen years are listed")
	}
}

func TestTroubleWithAnIndexIsNoEmptyMonth(t *testing.T) {
	const folder = "/rrc00/2019.06/"
	for name, c := range map[string]struct {
		habits []habit
		want   string // in the error; empty: it goes well in the end
	}{
		"fails for a while":  {[]habit{answer(500), answer(503)}, ""},
		"breaks off once":    {[]habit{breakOff(40)}, ""},
		"is silent once":     {[]habit{fallSilent(10)}, ""},
		"fails for long":     {[]habit{answer(500), answer(502), answer(503)}, "503"},
		"refuses":            {[]habit{answer(403)}, "403"},
		"tells of trouble":   {[]habit{trouble}, "no directory index"},
		"breaks off always":  {[]habit{breakOff(40), breakOff(40), breakOff(40)}, "EOF"},
		"is silent for long": {[]habit{fallSilent(10), fallSilent(10), fallSilent(10)}, "too long"},
		"never ends":         {[]habit{endless}, "larger than"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.put(folder+"updates.20190624.1000.gz", nil)
			s.behave(folder, c.habits...)
			begin := at(t, "2019-06-24 10:00")
			cfg := access(t, s)
			if strings.Contains(name, "silent") {
				cfg.Stall = soon
			}
			files, err := open(t, cfg).List(t.Context(), "rrc00", begin, begin.Add(time.Hour))
			switch {
			case c.want == "" && (err != nil || len(files) != 1):
				t.Errorf("%d files, %v", len(files), err)
			case c.want == "":
			case err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), s.URL+folder):
				t.Errorf("error %v, want %q and the URL in it", err, c.want)
			}
		})
	}
}

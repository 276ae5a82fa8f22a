package archive

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Base URLs of the archives.
const (
	BaseRIS        = "https://data.ris.ripe.net"
	BaseRouteViews = "https://archive.routeviews.org"
)

// layout is where an archive keeps the files of one collector.
type layout struct {
	collector string
	base      string        // URL, without a slash at its end
	every     time.Duration // from one file of updates to the next
	folders   [2]string     // by Kind: below base, MONTH stands for the month
	prefixes  [2]string     // by Kind: how names begin
}

const monthFormat = "2006.01"

var (
	risName        = regexp.MustCompile(`^rrc[0-9]{2}$`)
	routeViewsName = regexp.MustCompile(`^(route-views[a-z0-9]*|[a-z0-9][a-z0-9-]*)(\.[a-z0-9][a-z0-9-]*)*$`)
)

// layoutOf returns the layout of a collector: its name says whose it is.
func layoutOf(collector, base string) (*layout, error) {
	l := &layout{collector: collector}
	switch {
	case risName.MatchString(collector):
		l.base, l.every = BaseRIS, 5*time.Minute
		l.folders = [2]string{collector + "/MONTH/", collector + "/MONTH/"}
		l.prefixes = [2]string{"updates", "bview"}
	case isRouteViews(collector):
		l.base, l.every = BaseRouteViews, 15*time.Minute
		folder := collector + "/bgpdata/MONTH/"
		if collector == "route-views2" { // the oldest one has no folder of its own
			folder = "bgpdata/MONTH/"
		}
		l.folders = [2]string{folder + "UPDATES/", folder + "RIBS/"}
		l.prefixes = [2]string{"updates", "rib"}
	default:
		return nil, fmt.Errorf("collector %q is none: RIPE RIS has rrc00, rrc01, …; "+
			"RouteViews has route-views2, route-views.sg, …", collector)
	}
	if base == "" {
		return l, nil
	}
	u, err := url.Parse(base)
	if err == nil && u.User != nil {
		return nil, errors.New("the archive's URL must hold no user and no password: logs and the cache would show them")
	}
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("archive URL %q is none: write http://HOST/FOLDER or https://HOST/FOLDER", base)
	}
	l.base = strings.TrimRight(base, "/")
	return l, nil
}

// isRouteViews reports whether a name is one of RouteViews': route-views2,
// route-views.sg, or for the newer ones exchange and place, such as amsix.ams.
func isRouteViews(name string) bool {
	return routeViewsName.MatchString(name) && (strings.HasPrefix(name, "route-views") || strings.Contains(name, "."))
}

// folder returns the URL of the folder of a month.
func (l *layout) folder(k Kind, month time.Time) string {
	return l.base + "/" + strings.Replace(l.folders[k], "MONTH", month.Format(monthFormat), 1)
}

// Kind of a File.
type Kind uint8

// Kinds of File.
const (
	Updates Kind = iota
	RIB          // a dump of the whole table
)

// File is a file of an archive.
type File struct {
	Collector string
	Kind      Kind
	At        time.Time // when it begins, as its name says
	URL       string
	every     time.Duration // of updates
}

// End returns when a file of updates ends, as a rule.
func (f File) End() time.Time { return f.At.Add(f.every) }

// Name is the file's own name.
func (f File) Name() string { return f.URL[strings.LastIndexByte(f.URL, '/')+1:] }

// monthOf returns the first moment of t's month.
func monthOf(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}

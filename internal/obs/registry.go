package obs

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Emit gives one value of a metric at a scrape; labels are values in the order of
// Family.Labels.
type Emit func(m Metric, value float64, labels ...string)

// Source emits what it counts. It is called at each scrape, by one goroutine at a
// time, and must not wait: it reads a snapshot.
type Source func(emit Emit)

// maxSeries bounds the series of one family in a scrape. Names of ingesters and
// collectors come from outside.
const maxSeries = 4096

// Registry holds the sources and histograms of a process.
type Registry struct {
	prom  *prometheus.Registry
	descs [numMetrics]*prometheus.Desc

	mu         sync.Mutex
	sources    []*Source
	histograms []series
	rejected   [len(rejections)]uint64
	scrapes    uint64
}

// series is a histogram with its labels.
type series struct {
	metric Metric
	labels []string
	h      *Histogram
}

// NewRegistry returns a registry that tells of the Go runtime and the process.
func NewRegistry() *Registry {
	r := &Registry{prom: prometheus.NewRegistry()}
	for m, f := range Families() {
		r.descs[m] = prometheus.NewDesc(f.Name, f.Help, f.Labels, nil)
	}
	r.prom.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), collector{r})
	return r
}

// Add asks s at each scrape, until remove is called.
func (r *Registry) Add(s Source) (remove func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sources = append(r.sources, &s)
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.sources = slices.DeleteFunc(r.sources, func(o *Source) bool { return o == &s })
	}
}

// Histogram returns the histogram of m with these labels, the same each time, so
// that a unit which comes back goes on counting. It panics where m is none, or
// has other labels: both are faults of the program.
func (r *Registry) Histogram(m Metric, labels ...string) *Histogram {
	f := m.Family()
	if f.Kind != Distribution || len(labels) != len(f.Labels) {
		panic(fmt.Sprintf("metric %s is a %s with labels %v, got %v", f.Name, f.Kind, f.Labels, labels))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.histograms {
		if s.metric == m && slices.Equal(s.labels, labels) {
			return s.h
		}
	}
	s := series{m, slices.Clone(labels), &Histogram{}}
	if len(r.histograms) < maxSeries {
		r.histograms = append(r.histograms, s)
	}
	return s.h
}

// collector shows a Registry to Prometheus.
type collector struct{ r *Registry }

// Describe implements prometheus.Collector.
func (c collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range c.r.descs {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c collector) Collect(ch chan<- prometheus.Metric) {
	c.r.mu.Lock()
	defer c.r.mu.Unlock()
	s := scrape{r: c.r, out: ch, seen: map[string]bool{}}
	for _, h := range c.r.histograms {
		s.histogram(h)
	}
	for _, source := range c.r.sources {
		(*source)(s.emit)
	}
	c.r.scrapes++
	s.emit(ObsScrapes, float64(c.r.scrapes))
	for i, reason := range rejections {
		s.emit(ObsRejected, float64(c.r.rejected[i]), reason)
	}
}

// rejections are the reasons for which a value is left out.
var rejections = [...]string{"labels", "duplicate", "limit", "kind"}

const (
	rejectLabels = iota
	rejectDuplicate
	rejectLimit
	rejectKind
)

// scrape is one answer. What does not fit is left out and counted: one bad value
// must not hide all others.
type scrape struct {
	r      *Registry
	out    chan<- prometheus.Metric
	series [numMetrics]int
	seen   map[string]bool
}

func (s *scrape) emit(m Metric, value float64, labels ...string) {
	kind := prometheus.GaugeValue
	switch m.Family().Kind {
	case Counter:
		kind = prometheus.CounterValue
	case Distribution:
		s.r.rejected[rejectKind]++
		return
	}
	if labels, ok := s.take(m, labels); ok {
		s.out <- prometheus.MustNewConstMetric(s.r.descs[m], kind, value, labels...)
	}
}

func (s *scrape) histogram(h series) {
	if labels, ok := s.take(h.metric, h.labels); ok {
		total, sum, below := h.h.read()
		s.out <- prometheus.MustNewConstHistogram(s.r.descs[h.metric], total, sum, below, labels...)
	}
}

// take reports whether a series may be told, and returns its labels as text that
// Prometheus accepts.
func (s *scrape) take(m Metric, given []string) (labels []string, ok bool) {
	if len(given) != len(m.Family().Labels) {
		s.r.rejected[rejectLabels]++
		return nil, false
	}
	labels = make([]string, len(given))
	for i, l := range given {
		labels[i] = strings.ToValidUTF8(l, "\uFFFD")
	}
	key := m.Family().Name + "\xff" + strings.Join(labels, "\xff")
	switch {
	case s.seen[key]:
		s.r.rejected[rejectDuplicate]++
	case s.series[m] == maxSeries:
		s.r.rejected[rejectLimit]++
	default:
		s.seen[key] = true
		s.series[m]++
		return labels, true
	}
	return nil, false
}

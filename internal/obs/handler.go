package obs

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/pprof"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Bounds of single requests.
const (
	maxScrapes   = 4 // at one time
	scrapeTime   = 10 * time.Second
	maxBody      = 1 << 10
	maxProfile   = 60 // seconds of a CPU profile or trace
	maxURLLength = 2 << 10
)

func (a *Admin) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.deps.Registry.prom, promhttp.HandlerOpts{
		MaxRequestsInFlight: maxScrapes,
		Timeout:             scrapeTime,
		ErrorHandling:       promhttp.ContinueOnError,
	}))
	mux.HandleFunc("GET /livez", a.livez)
	mux.HandleFunc("GET /readyz", a.readyz)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("GET /{$}", index)
	return bounded(mux)
}

// bounded refuses what no client of ours asks for.
func bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.URL.RequestURI()) > maxURLLength {
			http.Error(w, "the address is too long", http.StatusRequestURITooLong)
			return
		}
		if s := r.URL.Query().Get("seconds"); s != "" {
			if n, err := strconv.ParseFloat(s, 64); err != nil || !(n > 0 && n <= maxProfile) {
				http.Error(w, fmt.Sprintf("seconds must be a number above 0, and at most %d", maxProfile), http.StatusBadRequest)
				return
			}
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

func index(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprint(w, "detour\n\n/metrics\n/livez\n/readyz\n/debug/pprof/\n")
}

// readyz answers 200 while no condition is failing, else 503; with all of them
// either way.
func (a *Admin) readyz(w http.ResponseWriter, _ *http.Request) {
	ready, conditions := a.deps.Health.Ready()
	if conditions == nil {
		conditions = []Condition{}
	}
	answer(w, ready, struct {
		Ready      bool        `json:"ready"`
		Conditions []Condition `json:"conditions"`
	}{ready, conditions})
}

// livez answers 503 only when a goroutine that must not stand still does: then
// ending the process is what helps.
func (a *Admin) livez(w http.ResponseWriter, _ *http.Request) {
	live, _ := a.deps.Health.Live()
	answer(w, live, struct {
		Live   bool   `json:"live"`
		Pulses []beat `json:"pulses"`
	}{live, a.deps.Health.beats()})
}

func answer(w http.ResponseWriter, good bool, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !good {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(body) // the client has gone; nothing else can fail
}

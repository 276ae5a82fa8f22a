package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"detour/alert"
	"detour/processor/correlate"
	"detour/route"
	"detour/stream"
)

const statusLong = `Say on one screen whether detour would notice: whether silence means that nothing
happens.

  watching   the routes from before are known, and nothing is missing
  learning   not yet: so many of the live peers have given their whole table
  degraded   something is missing; what, stands behind it
  blind      nothing is seen at all

Exit status: 0 watching, 1 anything else, or the servers could not be asked, 2 called
wrongly, 78 the configuration is wrong.`

func newStatus() *cobra.Command {
	var path string
	var asJSON bool
	c := &cobra.Command{
		Use: "status [--config FILE] [--json]", Short: "Say whether silence means that nothing happens", Long: statusLong,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			out := streams{nil, c.OutOrStdout(), c.ErrOrStderr()}
			do := func(ctx context.Context, nc *nats.Conn, shards func() int) error {
				return showStatus(ctx, nc, shards(), asJSON, out)
			}
			return asAdmin(c.Context(), path, c.CommandPath(), out, do)
		},
	}
	addConfigFlag(c, &path)
	c.Flags().BoolVar(&asJSON, "json", false, "write it as JSON")
	return c
}

// showStatus listens for a while and writes what that says.
func showStatus(ctx context.Context, nc *nats.Conn, shards int, asJSON bool, out streams) error {
	v, err := listenToCluster(ctx, nc, listenFor)
	if err != nil {
		return err
	}
	s := statusOf(v, shards)
	if asJSON {
		err = writeJSON(out.out, s)
	} else {
		s.print(out.out)
	}
	if err == nil && s.State != isWatching {
		err = errTold
	}
	return err
}

// States of the whole.
const (
	isWatching = "watching"
	isLearning = "learning"
	isDegraded = "degraded"
	isBlind    = "blind"
)

// wholeStatus is what a deployment as a whole is worth at the moment.
type wholeStatus struct {
	State    string   `json:"state"`
	Line     string   `json:"line"`    // for people
	Reasons  []string `json:"reasons"` // why it is not watching
	FullView int      `json:"full_view_percent"`
	Peers    seenOf   `json:"peers"`
	ASNs     int      `json:"peer_asns"` // distinct ones of live peers: what alerts count
	Full4    int      `json:"full4"`     // live full feeds
	Full6    int      `json:"full6"`

	Collectors []stream.CollectorCoverage `json:"collectors"`
	Ingesters  []stream.IngesterCoverage  `json:"ingesters"`
	Watermark  route.Time                 `json:"watermark"` // engine time up to which all was judged
	Units      string                     `json:"units"`     // what is wrong with shards and the correlator
}

// seenOf counts peers.
type seenOf struct {
	All       int `json:"all"`
	Live      int `json:"live"`
	Learning  int `json:"learning"` // of those
	Silent    int `json:"silent"`   // stale ones, too
	Stale     int `json:"stale"`
	Down      int `json:"down"`
	Untrusted int `json:"distrusted"`
	Ignored   int `json:"ignored"`
}

// Shares of the live peers that must have a full view, and of all that may be
// missing, in percent.
const (
	enoughView  = 90
	mostMissing = 10
)

// missedFor is how long a collector is missed of which all sessions have ended. Later
// it counts as taken away, as an ingester does.
const missedFor = 24 * route.Hour

// statusOf judges what was heard.
func statusOf(v *clusterView, shards int) *wholeStatus {
	s := &wholeStatus{Units: v.problem(shards), Reasons: []string{}}
	c := v.coverage
	if c == nil {
		return s.is(isBlind, "no correlator told what it sees: is a processor running, on the same servers and account?")
	}
	s.Collectors, s.Ingesters, s.Watermark, s.ASNs = c.Collectors, c.Ingesters, c.Watermark, c.ASNs
	s.count()
	lacking := s.lacking(c)
	switch p := &s.Peers; {
	case p.Live == 0:
		return s.is(isBlind, append(lacking, "no peer is heard")...)
	case len(lacking) > 0:
		return s.is(isDegraded, lacking...)
	case !c.Mature && s.FullView >= enoughView:
		return s.is(isLearning, "not every route from before is known")
	case !c.Mature, s.FullView < enoughView:
		return s.is(isLearning)
	case s.Full4+s.Full6 == 0:
		return s.is(isDegraded, "no peer has a full feed")
	}
	return s.is(isWatching)
}

func (s *wholeStatus) count() {
	var all stream.CollectorCoverage
	for i := range s.Collectors {
		all.Add(&s.Collectors[i])
	}
	s.Peers = seenOf{
		All: all.Peers, Live: all.Live, Learning: all.Learning, Silent: all.Silent, Stale: all.Stale, Down: all.Down,
		Untrusted: all.Untrusted, Ignored: all.Ignored,
	}
	s.Full4, s.Full6 = all.Full4, all.Full6
	if all.Live > 0 {
		s.FullView = 100 * (all.Live - all.Learning) / all.Live
	}
}

// lacking says what is missing.
func (s *wholeStatus) lacking(c *stream.Coverage) (list []string) {
	if s.Units != "" {
		list = append(list, s.Units)
	}
	if c.State == stream.Degraded {
		list = append(list, c.Reasons...)
	}
	p := &s.Peers
	if missing, of := p.Silent+p.Untrusted, p.All-p.Ignored; 100*missing > mostMissing*of {
		list = append(list, fmt.Sprintf("of %d peers %d are silent, %d of these for long, and %d distrusted", of, p.Silent,
			p.Stale, p.Untrusted))
	}
	for i := range c.Collectors {
		if k := &c.Collectors[i]; k.Live == 0 && k.Down > 0 && k.Heard+missedFor >= c.Watermark {
			list = append(list, fmt.Sprintf("collector %s: no peer is live, %d of %d are down", k.Collector, k.Down, k.Peers))
		}
	}
	return list
}

// is sets the state and puts it into words.
func (s *wholeStatus) is(state string, reasons ...string) *wholeStatus {
	s.State, s.Reasons = state, append(s.Reasons, reasons...)
	parts := append([]string{}, s.Reasons...)
	switch {
	case state == isWatching:
		parts = []string{fmt.Sprintf("%d full-feed peers of IPv4, %d of IPv6", s.Full4, s.Full6)}
		if s.ASNs < correlate.HijackPeers {
			parts = append(parts, fmt.Sprintf("of %d AS numbers, fewer than %d: leaks can be told, hijacks cannot",
				s.ASNs, correlate.HijackPeers))
		}
	case s.Peers.Learning > 0 || state == isLearning:
		parts = append([]string{fmt.Sprintf("%d %% of peers have a full view", s.FullView)}, parts...)
	}
	s.Line = state + ": " + strings.Join(parts, "; ")
	if state == isLearning {
		s.Line = state + ", " + strings.Join(parts, "; ")
	}
	return s
}

// print writes the screen.
func (s *wholeStatus) print(out io.Writer) {
	fmt.Fprintln(out, alert.OneLine(s.Line))
	if len(s.Collectors)+len(s.Ingesters) == 0 {
		return
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	defer w.Flush()
	p := &s.Peers
	fmt.Fprintf(w, "\npeers\t%d: %d live, %d of these learning; ", p.All, p.Live, p.Learning)
	fmt.Fprintf(w, "%d silent, %d of these for long; ", p.Silent, p.Stale)
	fmt.Fprintf(w, "%d down; %d distrusted; %d ignored\n", p.Down, p.Untrusted, p.Ignored)
	fmt.Fprintf(w, "peer ASNs\t%d, of the live ones\n", s.ASNs)
	fmt.Fprintf(w, "full feeds\t%d of IPv4, %d of IPv6\n", s.Full4, s.Full6)
	for i := range s.Collectors {
		c := &s.Collectors[i]
		fmt.Fprintf(w, "collector\t%s: %d of %d peers live, last update %s\n", alert.OneLine(c.Collector), c.Live, c.Peers,
			engineText(c.Heard))
	}
	for i := range s.Ingesters {
		in := &s.Ingesters[i]
		heard := "heard"
		if in.Silent {
			heard = "SILENT since " + engineText(in.Since)
		}
		fmt.Fprintf(w, "ingester\t%s: %s, %d gaps\n", alert.OneLine(in.Ingester), heard, in.Gaps)
	}
	units := s.Units
	if units == "" {
		units = "all run and current"
	}
	fmt.Fprintf(w, "units\t%s\njudged up to\t%s\n", units, engineText(s.Watermark))
}

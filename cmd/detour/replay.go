package main

import (
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"detour/ingest/replay"
	"detour/stream"
)

const replayLong = `Send recordings through the whole pipeline: decoded, framed, stored on JetStream,
applied to the path state in shards, judged. Without --nats the JetStream is
embedded, stores in a temporary folder and leaves nothing behind.

--rib primes the state, so that the first update is already compared with what
was normal: a table dump (TABLE_DUMP, TABLE_DUMP_V2), or a recording of updates
whose announcements are taken as the table.

Alerts go to the terminal, a line each, or with --alerts as JSON lines to a file.
On the terminal an incident stands for the prefixes that it hits; those that are
watched have lines of their own. The file holds every message.

--collector takes the recordings from the public archives of RIPE RIS (rrc00, …) or
RouteViews (route-views2, route-views.sg, …), keeps them in a cache folder, and
plays what happened from --from up to before --to. --prime fills the state with
the newest table from before and the updates since. --follow goes on with each new
file until it is interrupted. See docs/how-to/replay-from-the-archives.md.

--as-rel, --vrps, --watch, --names and --list tell what is known beside the routes.
All of it is optional; see docs/reference/outside-knowledge.md.

The result is the same at any speed and with any number of shards, unless
--live takes evidence in order of arrival, as a running deployment does.

Exit status: 0 all input whole, 3 finished but some input was damaged,
2 called wrongly, 1 the replay could not go on.`

// replayOptions are the flags of "detour replay".
type replayOptions struct {
	rib, files           []string
	speed                string
	shards               int
	nats                 string
	reset                bool
	live                 bool
	alerts, flags, table string
	streamBytes          int64
	show                 int
	prefixAlerts         bool
	judging              judgingFlags
	archive              archiveFlags
}

func newReplay() *cobra.Command {
	var o replayOptions
	c := &cobra.Command{
		Use:   "replay [flags] FILE... | --collector NAME --from TIME --to TIME",
		Short: "Send recordings through the pipeline and tell what they had to say",
		Long:  replayLong,
		RunE: func(c *cobra.Command, files []string) error {
			o.files = files
			return runReplay(c.Context(), o, streams{c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr()})
		},
	}
	f := c.Flags()
	f.StringArrayVar(&o.rib, "rib", nil, "prime the state from `FILE`; may be repeated")
	f.StringVar(&o.speed, "speed", "max", "max, or a multiple of the speed at which it happened")
	f.IntVar(&o.shards, "shards", stream.DefaultShards, "number of shards")
	f.StringVar(&o.nats, "nats", "", "use the server at `URL` instead of an embedded one; its streams must be empty")
	f.BoolVar(&o.reset, "reset", false, "with --nats: delete detour's streams there first")
	f.BoolVar(&o.live, "live", false, "judge in order of arrival and report latency up to flag and alert")
	f.StringVar(&o.alerts, "alerts", "", "write alerts as JSON lines to `FILE` (- is standard output)")
	f.StringVar(&o.flags, "flags", "", "write flags as JSON lines to `FILE` (- is standard output)")
	f.StringVar(&o.table, "report", "", "write the closing report as JSON to `FILE`")
	f.IntVar(&o.show, "show", 0, "show the first `N` flags on the terminal")
	f.BoolVar(&o.prefixAlerts, "prefix-alerts", false,
		"show the alert of every prefix of an incident on the terminal, not of watched ones only")
	f.Int64Var(&o.streamBytes, "stream-bytes", replayStreamBytes, "limit of each stream in `BYTES`")
	o.judging.add(c)
	o.archive.add(c)
	return c
}

const (
	replayStreamBytes = 64 << 20
	// replayLag is how much of all shards' logs may be unjudged before reading
	// pauses: little, since the correlator holds back what the slowest shard
	// has not come to yet. replayLeastLag is what a shard gets of it at least.
	replayLag      = 16 << 20
	replayLeastLag = 256 << 10
)

// streams are the standard streams of a command.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// lag is how much of one shard's log may be unjudged.
func (o *replayOptions) lag() int64 { return max(replayLag/int64(max(o.shards, 1)), replayLeastLag) }

// check finds what is wrong with the options before anything is started.
func (o *replayOptions) check() (replay.Config, error) {
	cfg := replay.Config{Prime: o.rib, Files: o.files}
	if err := o.archive.check(o); err != nil {
		return cfg, err
	}
	cfg.From, cfg.To = o.archive.bounds()
	if o.speed != "max" {
		speed, err := strconv.ParseFloat(o.speed, 64)
		if err != nil || !(speed > 0) || speed > 1e9 {
			return cfg, fmt.Errorf("--speed is %q, must be max or a number above 0, such as 1 or 60", o.speed)
		}
		cfg.Speed = speed
	}
	if err := stream.CheckShards(o.shards); err != nil {
		return cfg, fmt.Errorf("--shards: %w", err)
	}
	if o.reset && o.nats == "" {
		return cfg, fmt.Errorf("--reset only makes sense with --nats")
	}
	if least := 4 * o.lag(); o.streamBytes < least {
		return cfg, fmt.Errorf("--stream-bytes is %d, must be at least %d", o.streamBytes, least)
	}
	if o.alerts == "-" && o.flags == "-" {
		return cfg, fmt.Errorf("--alerts and --flags cannot both go to standard output")
	}
	outputs := []named{{"--alerts", o.alerts}, {"--flags", o.flags}, {"--report", o.table}}
	if err := checkOutputs(o.inputs(), outputs); err != nil {
		return cfg, err
	}
	_, err := o.judging.check()
	return cfg, err
}

// inputs are all files that are read.
func (o *replayOptions) inputs() (list []named) {
	for _, path := range append(o.rib[:len(o.rib):len(o.rib)], o.files...) {
		list = append(list, named{"a recording", path})
	}
	return append(list, o.judging.inputs()...)
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"detour/internal/config"
	"detour/processor/explain"
	"detour/route"
)

const explainLong = `Say why there was, or was not, an alert: a private detour lives through recordings,
or through the log of a running deployment, and notes what it thinks.

  detour explain PREFIX [--rib FILE]... FILE...
  detour explain PREFIX [--config FILE | --nats URL]
  detour explain incident [ID] ...

PREFIX tells what is known of a prefix, its routes by peer with their history, what
is normal for it, and each rule's tests with what they had and what they needed.
incident ID, an alert's id or its beginning, tells why the alert opened, by which
margins, what it explains and how it ended; without ID it lists what there is.

Without recordings the deployment is asked that the configuration names, or the
"detour run" of this folder. What it knows from elsewhere is what the section detect
of the configuration says, or the flags: give the same files as the deployment has.
Nothing is written to it, and nobody in it is disturbed.

Exit status: 0 told, 3 told but some input was damaged, 1 there is nothing to tell,
2 called wrongly.`

// explainOptions are the flags of "detour explain".
type explainOptions struct {
	judgingFlags
	rib, files []string
	nats, at   string
	path       string // of a configuration
	json       bool
	rows       int
}

func newExplain() *cobra.Command {
	var o explainOptions
	c := &cobra.Command{
		Use:   "explain PREFIX [flags] [FILE...]",
		Short: "Say why there was, or was not, an alert",
		Long:  explainLong,
		RunE: func(c *cobra.Command, args []string) error {
			return runExplain(c.Context(), o, args, streams{c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr()})
		},
	}
	f := c.Flags()
	f.StringArrayVar(&o.rib, "rib", nil, "prime the state from `FILE`; may be repeated")
	f.StringVar(&o.nats, "nats", "", "live through the log of the deployment on the server at `URL`")
	f.StringVar(&o.path, "config", "", "live through the log of the deployment that the configuration in `FILE` names")
	f.StringVar(&o.at, "at", "", "stop at this `TIME`, such as 2019-06-24T10:40:00Z; the end by default")
	f.BoolVar(&o.json, "json", false, "write JSON")
	f.IntVar(&o.rows, "rows", 20, "of routes and changes show the `N` that say most; 0 is all")
	o.add(c)
	return c
}

// question is what the arguments ask.
type question struct {
	prefix   route.Prefix
	incident bool
	id       string
}

// parse takes the question from the front of args; what is left are files. An
// incident's id is told from a file by its look.
func (o *explainOptions) parse(args []string) (q question, err error) {
	if len(args) == 0 {
		return q, errors.New("nothing asked; try: detour explain 192.0.2.0/24 updates.20190624.1030.bz2")
	}
	if args[0] == "incident" {
		q.incident, args = true, args[1:]
		if len(args) > 0 && looksLikeID(args[0]) {
			q.id, args = args[0], args[1:]
		}
	} else {
		if q.prefix, err = parsePrefix(args[0]); err != nil {
			return q, err
		}
		args = args[1:]
	}
	o.files = args
	recordings := len(o.files)+len(o.rib) > 0
	switch {
	case o.nats != "" && recordings:
		return q, errors.New("--nats and recordings cannot be given together")
	case o.path != "" && (recordings || o.nats != ""):
		return q, errors.New("--config asks a deployment, and cannot be given with recordings or --nats")
	case recordings && len(o.files) == 0:
		return q, fmt.Errorf("tables alone tell no story; try: detour explain %s --rib %s updates.20190624.1030.bz2",
			args0(q), o.rib[0])
	}
	return q, nil
}

func args0(q question) string {
	if q.incident {
		return "incident"
	}
	return q.prefix.String()
}

func parsePrefix(text string) (route.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if addr, bad := netip.ParseAddr(text); bad == nil {
		return route.Prefix{}, fmt.Errorf("%s is an address; write the prefix that is announced, such as %s",
			text, netip.PrefixFrom(addr, addr.BitLen()*3/4).Masked())
	}
	if err != nil {
		return route.Prefix{}, fmt.Errorf("%q is no prefix: write it as 192.0.2.0/24 or 2001:db8::/32, or write incident",
			text)
	}
	if p.Masked() != p {
		return route.Prefix{}, fmt.Errorf("%s has bits beyond its length: write %s", text, p.Masked())
	}
	return route.PrefixFrom(p), nil
}

// looksLikeID reports whether text has nothing but the letters and digits of
// which ids are made (alert.NewID).
func looksLikeID(text string) bool {
	for _, r := range text {
		if (r < 'a' || r > 'z') && (r < '2' || r > '7') {
			return false
		}
	}
	return len(text) <= 16
}

func runExplain(ctx context.Context, o explainOptions, args []string, out streams) error {
	ask, err := o.parse(args)
	if err != nil {
		return usage(err)
	}
	cfg := explain.Config{Prefix: ask.prefix, Source: explain.Source{Files: o.files, Prime: o.rib, NATS: o.nats}}
	var deployed *config.Config
	if len(o.files) == 0 && o.nats == "" {
		if deployed, cfg.Source.NATS, err = o.deployment(ask, out.err); err != nil {
			return err
		}
	}
	if o.at != "" {
		at, err := time.Parse(time.RFC3339, o.at)
		if err != nil {
			return usagef("--at is %q, must be a time such as 2019-06-24T10:40:00Z", o.at)
		}
		cfg.Until = route.TimeOf(at)
	}
	if deployed != nil && !o.given() {
		cfg.Correlate, err = detectConfig(&deployed.Detect, out.err)
	} else {
		cfg.Correlate, err = o.config(out.err)
	}
	if err != nil {
		return err
	}
	cfg.Watched = watchedBy(cfg.Correlate.Outside.Watch)
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	q, err := o.read(ctx, cfg, deployed, out)
	damaged := errors.Is(err, errDamaged)
	if err != nil && !damaged {
		if ctx.Err() != nil {
			return errors.New("interrupted before anything could be told")
		}
		return err
	}
	if q.Empty() {
		return o.nothing(q, cfg.Source.NATS)
	}
	if err := o.tell(q, ask, out.out, out.err); err != nil {
		return err
	}
	if damaged {
		return errDamaged
	}
	return nil
}

// nothing says that there was nothing to live through.
func (o *explainOptions) nothing(q *explain.Inquiry, server string) error {
	switch {
	case o.at != "" && q.First() != 0:
		return fmt.Errorf("--at %s is before anything was seen: what was read begins at %s", o.at,
			q.First().Std().Format(time.RFC3339))
	case server != "":
		return fmt.Errorf("the log on %s is empty", server)
	}
	return errors.New("nothing was seen: the recordings hold no route that detour reads")
}

func (o *explainOptions) tell(q *explain.Inquiry, ask question, w, errs io.Writer) error {
	if !ask.incident {
		r, err := q.Prefix()
		if err != nil {
			return err
		}
		if o.json {
			return writeJSON(w, r)
		}
		return r.Write(w, explain.Text{Rows: o.rows})
	}
	if ask.id == "" {
		list, in := q.List()
		if n := q.Unreadable(); n > 0 {
			fmt.Fprintf(errs, "detour: stored alerts that could not be read: %d\n", n)
		}
		if o.json {
			return writeJSON(w, list)
		}
		return explain.WriteList(w, list, in)
	}
	r, err := q.Incident(ask.id)
	if err != nil {
		return err
	}
	if o.json {
		return writeJSON(w, r)
	}
	return r.Write(w)
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

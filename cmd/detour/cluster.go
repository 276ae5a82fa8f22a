package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"detour/route"
	"detour/stream"
)

// listenFor is how long "detour cluster status" listens: long enough for several
// heartbeats of everyone, and for one coverage.
const listenFor = 1500 * time.Millisecond

// clusterView is what was heard of a deployment.
type clusterView struct {
	members  map[string]*stream.Heartbeat
	coverage *stream.Coverage
	rubbish  int
}

// listenToCluster hears what the members of a deployment say in a while.
func listenToCluster(ctx context.Context, nc *nats.Conn, wait time.Duration) (*clusterView, error) {
	v := &clusterView{members: map[string]*stream.Heartbeat{}}
	heard := make(chan *nats.Msg, 4096)
	for _, subject := range []string{stream.AllMembers, stream.CoverageSubject} {
		sub, err := nc.ChanSubscribe(subject, heard)
		if err != nil {
			return nil, fmt.Errorf("subscribe to %s: %w", subject, err)
		}
		defer sub.Unsubscribe() //nolint:errcheck // fails only when the connection is gone
	}
	end := time.NewTimer(wait)
	defer end.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-end.C:
			return v, nil
		case m := <-heard:
			v.take(m)
		}
	}
}

func (v *clusterView) take(m *nats.Msg) {
	if m.Subject == stream.CoverageSubject {
		c, err := stream.ParseCoverage(m.Data)
		if err != nil {
			v.rubbish++
			return
		}
		if v.coverage == nil || c.Sequence >= v.coverage.Sequence {
			v.coverage = c
		}
		return
	}
	h, err := stream.ParseHeartbeat(m.Subject, m.Data)
	switch {
	case err != nil:
		v.rubbish++
	case h.Goodbye:
		delete(v.members, memberKey(h))
	default:
		v.members[memberKey(h)] = h
	}
}

// memberKey tells members apart: in "detour run" an ingester and a processor have one
// name.
func memberKey(h *stream.Heartbeat) string { return string(h.Role) + " " + h.Member }

// sorted returns the members of a role, by name.
func (v *clusterView) sorted(role stream.Role) (list []*stream.Heartbeat) {
	for _, h := range v.members {
		if h.Role == role {
			list = append(list, h)
		}
	}
	slices.SortFunc(list, func(a, b *stream.Heartbeat) int { return cmp.Compare(a.Member, b.Member) })
	return list
}

// print writes the view for people. shards is how many there must be.
func (v *clusterView) print(out io.Writer, shards int, now time.Time) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	defer w.Flush()
	v.printMembers(w, now)
	v.printUnits(w, shards)
	v.printCoverage(w)
	if v.rubbish > 0 {
		fmt.Fprintf(w, "\n%d messages could not be read: another version runs, or something that is no detour\n", v.rubbish)
	}
}

func (v *clusterView) printMembers(w io.Writer, now time.Time) {
	fmt.Fprintln(w, "MEMBER\tROLE\tUP\tSTATE\tDOES")
	for _, role := range []stream.Role{stream.RoleIngest, stream.RoleProcess} {
		list := v.sorted(role)
		if len(list) == 0 {
			fmt.Fprintf(w, "none\t%s\t\t\tnobody was heard: is it running, on the same servers and account?\n", role)
		}
		for _, h := range list {
			state, does := "running", h.Source
			if h.Leaving {
				state = "leaving"
			}
			if role == stream.RoleProcess {
				does = unitsText(h.Units)
			}
			up := now.Sub(time.UnixMicro(h.Started)).Round(time.Second)
			fmt.Fprintf(w, "%s\t%s\t%v\t%s\t%s\n", h.Member, role, max(up, 0), state, does)
		}
	}
}

func unitsText(units []stream.UnitState) string {
	if len(units) == 0 {
		return "nothing"
	}
	var names []string
	for _, u := range units {
		names = append(names, stream.UnitName(u.Unit))
	}
	return strings.Join(names, " ")
}

// printUnits says of each unit who runs it and how far it is.
func (v *clusterView) printUnits(w io.Writer, shards int) {
	fmt.Fprintln(w, "\nUNIT\tRUN BY\tAT\tBEHIND\tSTATE")
	for unit := stream.CorrelatorUnit; unit < shards; unit++ {
		owned := false
		for _, h := range v.sorted(stream.RoleProcess) {
			for _, u := range h.Units {
				if u.Unit != unit {
					continue
				}
				owned = true
				fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s\n", stream.UnitName(unit), h.Member, u.Sequence,
					u.End-min(u.End, u.Sequence), unitStateText(&u))
			}
		}
		if !owned {
			fmt.Fprintf(w, "%s\tNOBODY\t\t\tits log grows unread\n", stream.UnitName(unit))
		}
	}
}

func unitStateText(u *stream.UnitState) string {
	switch {
	case u.Trouble != "":
		return u.Trouble
	case u.Current:
		return "current"
	default:
		return "catching up"
	}
}

// printCoverage says what the correlator sees.
func (v *clusterView) printCoverage(w io.Writer) {
	if v.coverage == nil {
		fmt.Fprintln(w, "\nNo correlator told what it sees.")
		return
	}
	fmt.Fprintln(w, "\nCOLLECTOR\tPEERS\tLIVE\tSILENT\tDOWN\tNOT COUNTED\tLEARNING\tFULL IPV4\tFULL IPV6\tLAST UPDATE")
	for _, c := range v.coverage.Collectors {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\n", c.Collector, c.Peers, c.Live, c.Silent, c.Down,
			c.Untrusted+c.Ignored, c.Learning, c.Full4, c.Full6, engineText(c.Heard))
	}
	fmt.Fprintf(w, "\nINGESTER\tHEARD UP TO\tGAPS\tPEERS\tUNSEEN\tSTATE\n")
	for _, in := range v.coverage.Ingesters {
		state := "heard"
		if in.Silent {
			state = "SILENT since " + engineText(in.Since)
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%s\n", in.Ingester, engineText(in.Heard), in.Gaps, in.Peers, in.Unseen, state)
	}
	fmt.Fprintf(w, "\nAlerts now say: %s\n", strings.Join(append([]string{v.coverage.State}, v.coverage.Reasons...), "; "))
}

func engineText(t route.Time) string {
	if t <= 0 {
		return "never"
	}
	return t.Std().UTC().Format("2006-01-02 15:04:05")
}

const clusterLong = `Look at a deployment as its members tell of themselves on NATS: who is there, who
runs which shard and the correlator, how far each is behind its log, and what is
seen of each collector.

Exit status: 0 every unit is run and current, 1 one is not, or the servers could
not be asked, 2 called wrongly, 78 the configuration is wrong.`

func newCluster() *cobra.Command {
	return group("cluster", "Look at a deployment", clusterLong, newClusterStatus())
}

func newClusterStatus() *cobra.Command {
	var path string
	c := &cobra.Command{
		Use: "status [--config FILE]", Short: "Say who runs what, and how far it is", Long: clusterLong, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			out := streams{nil, c.OutOrStdout(), c.ErrOrStderr()}
			return asAdmin(c.Context(), path, c.CommandPath(), out,
				func(ctx context.Context, nc *nats.Conn, shards func() int) error {
					return clusterStatus(ctx, nc, shards(), out)
				})
		},
	}
	addConfigFlag(c, &path)
	return c
}

func clusterStatus(ctx context.Context, nc *nats.Conn, shards int, out streams) error {
	v, err := listenToCluster(ctx, nc, listenFor)
	if err != nil {
		return err
	}
	v.print(out.out, shards, time.Now())
	if problem := v.problem(shards); problem != "" {
		return errors.New(problem)
	}
	return nil
}

// problem says which units are not run, or not current, "" if all are well.
func (v *clusterView) problem(shards int) string {
	var idle, late []string
	for unit := stream.CorrelatorUnit; unit < shards; unit++ {
		owned, current := false, false
		for _, h := range v.sorted(stream.RoleProcess) {
			for _, u := range h.Units {
				owned = owned || u.Unit == unit
				current = current || u.Unit == unit && u.Current
			}
		}
		switch {
		case !owned:
			idle = append(idle, stream.UnitName(unit))
		case !current:
			late = append(late, stream.UnitName(unit))
		}
	}
	var parts []string
	if len(idle) > 0 {
		parts = append(parts, "nobody runs "+strings.Join(idle, ", "))
	}
	if len(late) > 0 {
		parts = append(parts, "not at the end of its log: "+strings.Join(late, ", "))
	}
	return strings.Join(parts, "; ")
}

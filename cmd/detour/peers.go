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

	"detour/alert"
	"detour/route"
	"detour/stream"
)

const peersLong = `Say what is seen of every peer: how much of the table of each family it shows, how
many routes it holds, since when, when it was heard last, and whether it counts.

Classes: full, partial, default-only, none; learning while its table comes in; stale
when nobody knows what it holds; down; distrusted when it contradicts all others;
ignored by detect.peers.ignore.

Exit status: 0 a table was told, 1 none was, or the servers could not be asked, 2
called wrongly, 78 the configuration is wrong.`

// peersWait is how long "detour peers" listens: long enough for a whole table that
// has just begun when listening did.
const peersWait = 2*stream.PeersEvery + time.Second

func newPeers() *cobra.Command {
	var path string
	var asJSON bool
	c := &cobra.Command{
		Use: "peers [--config FILE] [--json]", Short: "Say what is seen of every peer", Long: peersLong, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			out := streams{nil, c.OutOrStdout(), c.ErrOrStderr()}
			do := func(ctx context.Context, nc *nats.Conn, _ func() int) error {
				return showPeers(ctx, nc, asJSON, out)
			}
			return asAdmin(c.Context(), path, c.CommandPath(), out, do)
		},
	}
	addConfigFlag(c, &path)
	c.Flags().BoolVar(&asJSON, "json", false, "write the table as JSON")
	return c
}

// showPeers writes the next table of peers.
func showPeers(ctx context.Context, nc *nats.Conn, asJSON bool, out streams) error {
	table, err := hearPeers(ctx, nc, peersWait)
	if err != nil {
		return err
	}
	sortPeers(table.Peers)
	if asJSON {
		return writeJSON(out.out, table)
	}
	printPeers(out.out, table)
	return nil
}

var errNoPeers = errors.New("no correlator told of its peers: is a processor running, on the same servers and account?")

// hearPeers returns the first whole table that is told in a while.
func hearPeers(ctx context.Context, nc *nats.Conn, wait time.Duration) (*stream.Peers, error) {
	heard := make(chan *nats.Msg, 256)
	sub, err := nc.ChanSubscribe(stream.PeersSubject, heard)
	if err != nil {
		return nil, fmt.Errorf("subscribe to %s: %w", stream.PeersSubject, err)
	}
	defer sub.Unsubscribe() //nolint:errcheck // fails only when the connection is gone
	end := time.NewTimer(wait)
	defer end.Stop()
	var reader stream.PeersReader
	why := errNoPeers
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-end.C:
			return nil, why
		case m := <-heard:
			table, err := reader.Take(m.Data)
			if err != nil {
				why = fmt.Errorf("what a processor tells cannot be read, is it of another version? %w", err)
			}
			if table != nil {
				return table, nil
			}
		}
	}
}

// sortPeers orders peers by who they are.
func sortPeers(list []stream.Peer) {
	slices.SortFunc(list, func(a, b stream.Peer) int {
		return cmp.Or(
			cmp.Compare(a.Collector, b.Collector), cmp.Compare(a.ASN, b.ASN), a.Address.Compare(b.Address),
			a.Router.Compare(b.Router), cmp.Compare(a.Distinguisher, b.Distinguisher), cmp.Compare(a.View, b.View),
			cmp.Compare(a.Ingester, b.Ingester),
		)
	})
}

// printPeers writes a table for people.
func printPeers(out io.Writer, table *stream.Peers) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "COLLECTOR\tPEER\tASN\tVIEW\tIPV4\tIPV6\tROUTES IPV4\tROUTES IPV6\tSINCE\tLAST HEARD\tSTATE")
	for i := range table.Peers {
		p := &table.Peers[i]
		state := p.State
		if p.Why != "" {
			state += ": " + p.Why
		}
		row := []string{
			p.Collector, p.Address.String(), p.ASN.String(), p.View, p.Class4, p.Class6, fmt.Sprint(p.Routes4),
			fmt.Sprint(p.Routes6), sinceText(p.Since), engineText(p.Heard), state,
		}
		for i, cell := range row {
			row[i] = alert.OneLine(cell)
		}
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	w.Flush()
	full4, full6 := 0, 0
	for i := range table.Peers {
		if p := &table.Peers[i]; p.Class4 == "full" {
			full4++
		}
		if table.Peers[i].Class6 == "full" {
			full6++
		}
	}
	fmt.Fprintf(out, "\n%d peers, %d with a full feed of IPv4, %d of IPv6\n", table.Total, full4, full6)
	if n := table.Total - len(table.Peers); n > 0 {
		fmt.Fprintf(out, "%d more peers are not shown\n", n)
	}
}

func sinceText(t route.Time) string {
	if t <= 0 {
		return "-" // it may hold routes from a table, and no session came up
	}
	return engineText(t)
}

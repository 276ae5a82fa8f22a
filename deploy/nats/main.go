// Command nats writes what a cluster of NATS servers for detour needs: two
// authorities, certificates, nkeys, and the configuration files with the rights
// of each role. make-keys beside it runs it.
//
// It owns the folder that it is given and changes nothing that is in use there: a
// key or certificate that exists stays. It must not talk to a server. Operators,
// deploy/local/up and tests call it; it has one goroutine.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return
		}
		fmt.Fprintf(os.Stderr, "make-keys: %v\n", err)
		os.Exit(1)
	}
}

const usage = `usage: make-keys --hosts A,B,C [flags] DIR
       make-keys --local PORT [flags] DIR

Writes certificates, nkeys and server configurations into DIR. What is there
stays: delete a certificate or a folder of clients/ to have it made anew.

`

func run(args []string, stdout, stderr io.Writer) error {
	p := plan{}
	flags := flag.NewFlagSet("make-keys", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	hosts := flags.String("hosts", "", "names or addresses of the servers' hosts, separated by commas")
	local := flags.Int("local", 0, "three servers on 127.0.0.1: clients from this port on, then routes and monitoring")
	add := flags.String("add", "", "further users, separated by commas: a role, or a role with a name as in sink.b")
	flags.StringVar(&p.etc, "etc", "/etc/nats", "where a host will have its folder of nodes/ (with --hosts)")
	flags.StringVar(&p.Store, "store", "/var/lib/nats", "where a host keeps its streams (with --hosts)")
	flags.IntVar(&p.Shards, "shards", 8, "number of shards, as in streams.shards")
	flags.IntVar(&p.MaxFileGiB, "max-file", 64, "GiB of streams on each host")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return fmt.Errorf("give one folder to write to, not %d", flags.NArg())
	}
	if (*hosts == "") == (*local == 0) {
		return errors.New("give either --hosts or --local")
	}
	if *local > 0 {
		p.nodes = localNodes(*local)
	} else {
		p.nodes = hostNodes(strings.Split(*hosts, ","))
	}
	p.local = *local > 0
	p.dir = flags.Arg(0)
	if *add != "" {
		p.add = strings.Split(*add, ",")
	}
	if err := p.write(); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s holds %d servers and their clients; keep %s/authority where nobody else reads\n",
		p.dir, len(p.nodes), p.dir)
	return nil
}

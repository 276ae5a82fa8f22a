package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"detour/processor/correlate"
	"detour/processor/reference"
	"detour/route"
)

// outsideFlags are the flags by which a command is told what is known beside the
// routes. Every one is optional, and every file is only evidence.
type outsideFlags struct {
	relationships string
	vrps          []string
	watch         string
	names         []string
	lists         []string
	ignored       []string // peers
}

// add defines the flags on c.
func (o *outsideFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.relationships, "as-rel", "", "AS relationships from `FILE`, CAIDA serial-1 or serial-2")
	f.StringArrayVar(&o.vrps, "vrps", nil,
		"validated ROA payloads from `[TIME=]FILE`, JSON of rpki-client or Routinator, holding from then on; may be repeated")
	f.StringVar(&o.watch, "watch", "", "watch the prefixes and ASes in `FILE`: BGPalerter's prefixes.yml, or a plain list")
	f.StringArrayVar(&o.names, "names", nil,
		"names of ASes and organisations from `FILE`: JSON, or CAIDA's as-org2info; may be repeated")
	f.StringArrayVar(&o.lists, "list", nil,
		"`KIND=FILE` in the place of a list that comes with detour: "+strings.Join(listNames(), ", ")+"; may be repeated")
	f.StringArrayVar(&o.ignored, "ignore-peer", nil,
		"let the routes of `PEER` count for nothing: an ASN, an address, or a collector's name; may be repeated")
}

// inputs are the files that load reads.
func (o *outsideFlags) inputs() []named {
	list := []named{{"--as-rel", o.relationships}, {"--watch", o.watch}}
	for _, path := range o.names {
		list = append(list, named{"--names", path})
	}
	for what, texts := range map[string][]string{"--vrps": o.vrps, "--list": o.lists} {
		for _, text := range texts { // FILE, or something before it
			_, path, found := strings.Cut(text, "=")
			if !found {
				path = text
			}
			list = append(list, named{what, path})
		}
	}
	return list
}

// load reads all that is named, and says on w what the watch file holds in vain.
// The shipped lists hold where no other takes their place. An error names each
// file that cannot be read.
func (o *outsideFlags) load(w io.Writer) (correlate.Outside, error) {
	var out correlate.Outside
	var errs []error
	read := func(err error) { errs = append(errs, err) }
	var err error
	if o.relationships != "" {
		out.Relationships, err = reference.OpenRelationships(o.relationships)
		read(inFlag("as-rel", err))
	}
	if len(o.names) > 0 {
		out.Names, err = reference.OpenNames(o.names...)
		read(inFlag("names", err))
	}
	if o.watch != "" {
		out.Watch, err = reference.OpenWatch(o.watch)
		read(inFlag("watch", err))
	}
	out.VRPs, err = loadVRPs(o.vrps)
	read(err)
	out.Lists, err = loadLists(o.lists)
	read(err)
	out.Ignore, err = reference.ReadPeers(o.ignored)
	read(inFlag("ignore-peer", err))
	if err := errors.Join(errs...); err != nil {
		return correlate.Outside{}, err
	}
	for _, note := range out.Watch.Ignored() {
		fmt.Fprintf(w, "detour: not acted on: %s\n", note)
	}
	return out, nil
}

// inFlag puts the name of a flag before an error, if there is one.
func inFlag(flag string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("--%s: %w", flag, err)
}

// watchedBy returns what processor.Config.Watched asks for: a prefix of the
// watch file or within one, or an origin of it; nil if nothing is watched.
func watchedBy(w *reference.Watch) func(route.Prefix, route.ASN) bool {
	if w == nil {
		return nil
	}
	return func(p route.Prefix, origin route.ASN) bool { return w.Match(p) != nil || w.ASN(origin) != nil }
}

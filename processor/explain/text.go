package explain

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"detour/alert"
	"detour/route"
)

// Text says how much of a report is written out.
type Text struct {
	Rows int // of each list, those that say most; 0 is all
}

// page writes sections; the first error ends it.
type page struct {
	w   io.Writer
	err error
}

func (p *page) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// section begins a section.
func (p *page) section(format string, args ...any) {
	p.line("")
	p.line(format, args...)
}

// table writes rows with aligned columns, indented.
func (p *page) table(rows [][]string) {
	if p.err != nil || len(rows) == 0 {
		return
	}
	w := tabwriter.NewWriter(p.w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, "  "+strings.TrimRight(strings.Join(row, "\t"), "\t"))
	}
	p.err = w.Flush()
}

// wrapAt is the width at which sentences are wrapped.
const wrapAt = 100

// say writes a sentence with a mark, wrapped.
func (p *page) say(mark, text string) {
	indent := strings.Repeat(" ", len(mark))
	line := mark
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > wrapAt && strings.TrimSpace(line) != "" && line != mark {
			p.line("%s", strings.TrimRight(line, " "))
			line = indent
		}
		if !strings.HasSuffix(line, " ") {
			line += " "
		}
		line += word
	}
	p.line("%s", strings.TrimRight(line, " "))
}

// Write writes the report for people.
func (r *PrefixReport) Write(w io.Writer, t Text) error {
	p := &page{w: w}
	p.line("%s at %s UTC", r.Prefix, clock(r.At))
	p.line("")
	for _, s := range r.Answer {
		p.say("- ", s)
	}
	r.writeKnown(p)
	r.writeRoutes(p, t)
	r.writeBaseline(p)
	r.writeHistory(p, t)
	r.writeSuspects(p, t)
	r.writeOrigins(p)
	r.writeWatch(p)
	r.writeAlerts(p)
	r.writeCoverage(p)
	return p.err
}

func (r *PrefixReport) writeKnown(p *page) {
	k := &r.Known
	p.section("What it is")
	rows := [][]string{{"expected from", "nobody: its origin was not held long enough to be normal"}}
	for i, asn := range k.Expected {
		if i == 0 {
			rows = rows[:0]
		}
		rows = append(rows, []string{"expected from", r.name(asn) + k.firstSeen(asn)})
	}
	for _, o := range k.Announced {
		text := fmt.Sprintf("%s, by %s", r.name(o.ASN), count(o.Peers, "peer", "peers"))
		if !o.Expected {
			text += ", NOT EXPECTED"
		}
		if k.RPKIKnown {
			text += ", RPKI " + o.RPKI
		}
		rows = append(rows, []string{"announced by", text})
	}
	rows = append(rows,
		[]string{"seen by", fmt.Sprintf("%d of %s; %s up, %d have withdrawn it", k.HeldBy,
			count(k.Of, "full-feed peer", "full-feed peers"), count(k.Up, "session", "sessions"), k.Lost)},
		[]string{"visibility", k.sight()},
		[]string{"covered by", orNone(prefixText(k.Cover), "nothing that is known")},
		[]string{"parts known", partsText(k)},
		[]string{"watched", watchedText(k)})
	if !k.RPKIKnown {
		rows = append(rows, []string{"RPKI", "not asked: no VRPs given (--vrps)"})
	}
	if k.Beacon {
		rows = append(rows, []string{"beacon", "yes: it is announced and withdrawn on purpose, and never counted"})
	}
	p.table(rows)
}

// sight says how visible the prefix and its origins' prefixes are.
func (k *Known) sight() string {
	text := "as usual"
	if k.Low {
		text = "LOW: as many sessions have withdrawn it as hold it"
	}
	for _, o := range k.Visible {
		if o.Low == 0 {
			continue
		}
		text += fmt.Sprintf("; %d of the %s of AS%d are low, an incident needs %d and more than half", o.Low,
			count(o.Prefixes, "prefix", "prefixes"), o.ASN, o.Least)
	}
	return text
}

// firstSeen says when an expected origin was first seen.
func (k *Known) firstSeen(asn route.ASN) string {
	for _, o := range k.First {
		switch {
		case o.ASN != asn:
		case o.Table:
			return ", since the tables"
		default:
			return ", first seen " + clock(o.At)
		}
	}
	return ""
}

func orNone(text, none string) string {
	if text == "" {
		return none
	}
	return text
}

func prefixText(p route.Prefix) string {
	if p.Family == 0 {
		return ""
	}
	return p.String()
}

func partsText(k *Known) string {
	if k.MoreSpecificsTotal == 0 {
		return "none"
	}
	const most = 6
	names := make([]string, 0, most)
	for _, p := range k.MoreSpecifics[:min(len(k.MoreSpecifics), most)] {
		names = append(names, p.String())
	}
	text := strings.Join(names, ", ")
	if k.MoreSpecificsTotal > len(names) {
		text += fmt.Sprintf(" and %d more", k.MoreSpecificsTotal-len(names))
	}
	return text
}

func watchedText(k *Known) string {
	if !k.Watched {
		return "no"
	}
	text := "yes, by " + k.WatchedBy
	if k.Group != "" {
		text += ", for group " + k.Group
	}
	return text
}

// odd ranks routes by how much they differ from what is normal.
func (r *PrefixReport) odd(x *Route) int {
	n := 0
	if k := len(x.Path); k > 0 && !slices.Contains(r.Known.Expected, x.Path[k-1]) {
		n += 4
	}
	if x.State != "up" {
		n += 2
	}
	if len(x.New) > 0 {
		n++
	}
	return n
}

func (r *PrefixReport) writeRoutes(p *page, t Text) {
	list := make([]*Route, 0, len(r.Routes))
	for i := range r.Routes {
		list = append(list, &r.Routes[i])
	}
	head := fmt.Sprintf("Routes by peer (%d", len(list))
	if t.Rows > 0 && len(list) > t.Rows {
		slices.SortStableFunc(list, func(a, b *Route) int { return r.odd(b) - r.odd(a) })
		list = list[:t.Rows]
		head += fmt.Sprintf(", %d shown, those that are not normal first", t.Rows)
	}
	p.section("%s)", head)
	rows := [][]string{{
		"collector", "peer", "state", "since", "changes", "longest",
		"path; * is not normal for the prefix",
	}}
	for _, x := range list {
		rows = append(rows, x.row())
		for _, more := range x.Further {
			rows = append(rows, []string{"", "", "further", "", "", "", pathText(more, nil)})
		}
	}
	p.table(rows)
}

func (x *Route) row() []string {
	state, since, longest := x.State, clock(x.Since), fmt.Sprint(x.Longest)
	if x.Held {
		state += ", held"
	}
	if x.Table {
		since = "the table"
	}
	if x.Longest == 0 {
		longest = "-"
	}
	return []string{
		x.Peer.Collector, fmt.Sprintf("AS%d %s", x.Peer.ASN, x.Peer.Address), state, since, fmt.Sprint(x.Changes), longest,
		pathText(x.Path, x.New),
	}
}

// pathText writes a path, marking the networks in marked; ? stands for a break.
func pathText(path alert.Path, marked []route.ASN) string {
	if path == nil {
		return "-"
	}
	var b strings.Builder
	for i, asn := range path {
		if i > 0 {
			b.WriteByte(' ')
		}
		if asn == 0 {
			b.WriteByte('?')
			continue
		}
		b.WriteString(asn.String())
		if i > 0 && slices.Contains(marked, asn) {
			b.WriteByte('*')
		}
	}
	return b.String()
}

func (r *PrefixReport) writeBaseline(p *page) {
	b := &r.Baseline
	p.section("What is normal for it")
	if !b.Known {
		p.line("  Nothing yet: no route of it was held for five minutes, and no table told of it.")
		return
	}
	rows := [][]string{{"on the way", orNone(asnText(b.Transit), "nobody")}}
	if b.Before != nil {
		rows = append(rows, []string{"30 days before", orNone(asnText(b.Before), "nobody")})
	}
	rows = append(rows, []string{"origins", orNone(asnText(union(b.Origins, b.OriginsB4)), "none")})
	if b.Inherited {
		rows = append(rows, []string{"inherited", "from " + prefixText(r.Known.Cover) + ": the prefix is a new part of it"})
	}
	for _, n := range b.Newcomers {
		what := "newcomer"
		if n.Origin {
			what = "new origin"
		}
		rows = append(rows, []string{what, fmt.Sprintf("%s, first seen %s; normal from %s on if it is in use then",
			r.name(n.ASN), clock(n.First), clock(n.Normal))})
	}
	p.table(rows)
}

func asnText(asns []route.ASN) string {
	const most = 40
	var b strings.Builder
	for i, a := range asns {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(asns)-most)
			break
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(a.String())
	}
	return b.String()
}

package pathpic

import (
	"detour/alert"
	"detour/route"
)

// roles says who is who in an alert.
type roles struct {
	suspect, exportedTo, learnedFrom route.ASN
	word                             string // what the suspect is
}

func rolesOf(a *alert.Alert) roles {
	r := roles{suspect: a.Suspect, word: "suspect"}
	switch a.Kind {
	case alert.KindLeak:
		r.word = "leaker"
	case alert.KindHijack, alert.KindSubprefixHijack:
		r.word = "announces it"
	}
	if a.Segment != nil && a.Segment.Leaker == a.Suspect {
		r.exportedTo, r.learnedFrom = a.Segment.ExportedTo, a.Segment.LearnedFrom
	}
	return r
}

// of returns the role of an AS, or nothing.
func (r *roles) of(as route.ASN) string {
	switch as {
	case 0:
		return ""
	case r.suspect:
		return r.word
	case r.exportedTo:
		return "exported to"
	case r.learnedFrom:
		return "learned from"
	}
	return ""
}

package processor

import (
	"detour/alert"
	"detour/processor/reference"
	"detour/stream"
)

// alertSubject returns the subject of a. A prefix alert goes to the expected
// origin, whoever announces the prefix, or the first one of the watch file where
// none was learned; an incident to its suspect, or to the expected origin where
// nobody is suspected. The group is that of the watch file: of the entry that
// speaks for the prefix, or else of the AS in the subject.
//
// All of it is the same in each message of an alert, so that whoever heard of its
// beginning hears of its end.
func alertSubject(a *alert.Alert, w *reference.Watch) string {
	asn, group := a.ExpectedOrigin, ""
	if a.Scope == alert.ScopeIncident && a.Suspect != 0 {
		asn = a.Suspect
	}
	if e := w.Match(a.Prefix); a.Scope == alert.ScopePrefix && e != nil {
		group = e.Group
		if asn == 0 && len(e.Origins) > 0 {
			asn = e.Origins[0]
		}
	}
	if e := w.ASN(asn); group == "" && e != nil {
		group = e.Group
	}
	return stream.AlertSubject(string(a.Scope), string(a.Kind), asn, group)
}
